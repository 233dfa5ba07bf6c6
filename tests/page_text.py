"""What a reader sees of a page: its text without marks, styles and scripts; and how many words that is."""

import re


def text_of(html):
    return re.sub(r"<(script|style)[^>]*>.*?</\1>|<[^>]*>", " ", html, flags=re.DOTALL)


def words_of(html):
    """Each Chinese character counts as a word, as Chinese word processors count."""
    seen = text_of(html)
    return len(re.findall(r"[\u4e00-\u9fff]", seen)) + len(re.findall(r"[A-Za-z0-9][\w.,'’%-]*", seen))
