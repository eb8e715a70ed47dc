"""Columns of spreadsheets, as letters and as numbers."""

from __future__ import annotations


def number(letters: str) -> int:
    """Give the number of a column, from 1.

    >>> number("A"), number("AB")
    (1, 28)
    """
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - ord("A") + 1
    return found


def letters(number: int) -> str:
    """Give the letters of a column, counted from 1.

    >>> letters(1), letters(28)
    ('A', 'AB')
    """
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
