"""Who may do what: people with their roles, their passwords, and the sessions in which a browser acts for them.

A permission is `resource:action`; a role is a set of permissions; a person has one role or several. Passwords are kept
as Argon2id hashes, session tokens as SHA-256 only: whoever reads the database can sign in as nobody. Every change of a
person, every sign-in and every one that was refused for a known name stands in the audit log.
"""
