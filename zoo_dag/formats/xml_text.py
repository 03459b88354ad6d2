"""A document of XML as text. Characters that XML 1.0 cannot hold become U+FFFD."""

import re
from xml.etree import ElementTree as ET  # only written here, never read

_NOT_IN_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def xml_text(root: ET.Element) -> tuple[str, int]:
    """The document with its declaration, in UTF-8 once it is encoded; and how many characters were replaced."""
    # The elements themselves have no such characters.
    text, n_replaced = _NOT_IN_XML.subn("\ufffd", ET.tostring(root, encoding="unicode"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', n_replaced
