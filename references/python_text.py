"""Texts in which people and programs write Python: domains, contexts, default values.

An id is only rewritten where the text itself says that it is a lead's: as the value
that a domain compares with a field that points to leads, or as the value of a key that
is called after such a field. Everything else in the text stays as it is, to the letter.
"""

import ast
import re
from collections.abc import Callable, Collection

#: How the keys of a context begin that stand for a field.
PREFIXES = ("default_", "search_default_")
#: Operators whose value is a domain on the records that the field points to.
NESTED = ("any", "not any", "any!", "not any!")
#: Operators that compare with ids.
COMPARING = ("=", "!=", "<>", "in", "not in", "child_of", "parent_of", "=?")


class PythonText:
    """One text, and where it holds ids of certain leads.

    How to use it: `is_parsed` says whether it is Python, `is_doubtful` whether ids are
    left that no literal holds; `replaced` returns it with another id.

    :param text: a domain, a context or a dictionary of values
    :param model: name of the model it is about; empty: unknown
    :param lead_ids: the ids that are looked for
    :param get_comodel: (model, path of fields) → the model of the records whose ids a
        comparison with it takes; None if they are no records
    :param target: the model of the leads
    """

    def __init__(
        self,
        text: str,
        model: str,
        lead_ids: Collection[int],
        get_comodel: Callable[[str, str], str | None],
        target: str,
    ):
        self._lead_ids = frozenset(lead_ids)
        self._get_comodel = get_comodel
        self._target = target
        self._text = text
        self._found = []
        self.is_doubtful = False
        try:
            # what is indented, Python does not take
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.is_parsed = False
        else:
            self.is_parsed = True
            self._visit(tree.body, model)

    @property
    def is_found(self) -> bool:
        """Whether an id was found that can be rewritten."""
        return bool(self._found)

    def replaced(self, survivor_id: int) -> str:
        """Return the text with each id that was found become `survivor_id`."""
        body = self._text.strip()
        start = self._text.index(body)
        # positions are counted in bytes
        lines = body.encode().splitlines(keepends=True)
        for node in sorted(self._found, key=lambda node: -node.col_offset):
            line = lines[node.lineno - 1]
            before, after = line[: node.col_offset], line[node.end_col_offset :]
            lines[node.lineno - 1] = before + str(survivor_id).encode() + after
        now = b"".join(lines).decode()
        return self._text[:start] + now + self._text[start + len(body) :]

    def _visit(self, node, model):
        if isinstance(node, ast.Dict):
            self._visit_dict(node, model)
        elif leaf := _as_leaf(node):
            path, operator, value = leaf
            comodel = self._get_comodel(model, path)
            if operator in NESTED:
                self._visit(value, comodel or "")
            elif comodel == self._target:
                self._take(value)
        else:
            for child in ast.iter_child_nodes(node):
                self._visit(child, model)

    def _visit_dict(self, node, model):
        texts = {_text_of(key): _text_of(value) for key, value in _items(node)}
        for key, value in _items(node):
            if self._is_target(_text_of(key), model, texts):
                self._take(value)
            else:
                self._visit(value, model)

    def _is_target(self, key, model, texts):
        """Say whether the value of a key is the id of a lead.

        :param texts: {key: value} of the same dictionary, as far as they are texts
        """
        if not key:
            return False
        if key in ("active_id", "active_ids"):
            return texts.get("active_model") == self._target
        for prefix in PREFIXES:
            if key.startswith(prefix):
                key = key.removeprefix(prefix)
                break
        return self._get_comodel(model, key) == self._target

    def _take(self, value):
        """Note the ids in a value that is known to be an id, a list of them, or of
        commands. Ids within anything else are doubtful."""
        items = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
        for item in items:
            if item is not value and isinstance(item, ast.List | ast.Tuple):
                self._take_command(item)
            elif _is_number(item):
                self._found += [item] if item.value in self._lead_ids else []
            elif not isinstance(item, ast.Constant):
                self._doubt(item)

    def _take_command(self, command):
        """Note the ids in a command on a field: ``(4, id)``, ``(6, 0, ids)``."""
        for item in command.elts[1:]:
            if isinstance(item, ast.List | ast.Tuple) or _is_number(item):
                self._take(item)
            else:
                self._doubt(item)

    def _doubt(self, node):
        numbers = (part.value for part in ast.walk(node) if _is_number(part))
        self.is_doubtful |= any(number in self._lead_ids for number in numbers)


def _as_leaf(node):
    """Return (path, operator, value) of a comparison in a domain, or nothing."""
    if not isinstance(node, ast.List | ast.Tuple) or len(node.elts) != 3:
        return None
    path, operator, value = node.elts
    if _text_of(path) and _text_of(operator) in (*COMPARING, *NESTED):
        return _text_of(path), _text_of(operator), value
    return None


def _items(node):
    return [pair for pair in zip(node.keys, node.values, strict=True) if pair[0]]


def _text_of(node):
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else None


def _is_number(node):
    return isinstance(node, ast.Constant) and type(node.value) is int


def mentions(text: str, numbers: Collection[int], words: Collection[str]) -> bool:
    """Return whether a text has any of the numbers and any of the words, whole."""
    return all(
        re.search(rf"(?<!\w)(?:{'|'.join(map(re.escape, some))})(?!\w)", text)
        for some in (map(str, numbers), words)
    )
