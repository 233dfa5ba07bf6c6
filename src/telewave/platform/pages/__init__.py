"""Pages that people read: one set of templates, components, styles and charts, from which every capability writes its
own.

A page is one HTML file that needs nothing else: no network, no server, no second file. A capability has a
template that extends `pages/page.html`, and gives `rendered` its values; tables, tiles, findings and charts
come from `pages/components.html`. Styles, script and chart library are package data, so an installed
package writes pages as well as a source tree.
"""

from telewave.platform.pages.places import ALONE, Link, Place
from telewave.platform.pages.rendering import rendered

__all__ = ["ALONE", "Link", "Place", "rendered"]
