"""Which file of the addon calls which, through ``self.env["…"]`` as well.

A call is known where its model is: ``self``, ``self.env["…"]``, a local name for one
of them, or a method that one model alone has.
"""

import ast
from collections import defaultdict
from pathlib import Path

from odoo.models import BaseModel

#: The folders of models/, in the order of dependence, and what stands above them.
ORDER = ("common", "team", "journal", "duplicate", "merge", "conversion", "run",
         "wizards", "report", "controllers")  # fmt: skip
#: Methods that return records of the model that they are called on.
SAME_MODEL = {"sudo", "with_context", "with_user", "with_env", "with_company", "browse",
              "search", "search_fetch", "filtered", "union", "exists", "create",
              "sorted"}  # fmt: skip
#: Methods that currencies and fields have as well: known only where the model is.
AMBIGUOUS = {"_convert", "get_values"}


def folder_of(path):
    """Return which of `ORDER` a file is in, or None.

    :param str path: as in ``models/merge/apply.py``
    """
    parts = path.split("/")
    name = parts[1] if parts[0] == "models" and len(parts) > 2 else parts[0]
    return name if name in ORDER else None


def is_upward(path, other):
    """Say whether `other` stands in a later folder."""
    one, two = folder_of(path), folder_of(other)
    return one is not None and two is not None and ORDER.index(two) > ORDER.index(one)


class Layers:
    """The classes of an addon, and what their methods call.

    :param dict sources: {path: text} of the files with models
    """

    def __init__(self, sources):
        self.sources = sources
        self.classes = []  # (model, path, class)
        self.files_of = defaultdict(lambda: defaultdict(set))  # model: method: paths
        self.parents = defaultdict(set)
        for path, text in sources.items():
            self._read(path, ast.parse(text))
        self.models_with = defaultdict(set)
        for model, methods in self.files_of.items():
            for method in methods:
                self.models_with[method].add(model)

    @classmethod
    def of_folder(cls, root):
        """Return those of the addon in the folder `root`."""
        return cls(
            {
                str(path.relative_to(root)): path.read_text()
                for name in ("models", "wizards", "report", "controllers")
                for path in sorted((Path(root) / name).rglob("*.py"))
                if path.name != "__init__.py"
            }
        )

    def _read(self, path, tree):
        for node in tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            said = {
                target.id: _get_texts(part.value)
                for part in node.body
                if isinstance(part, ast.Assign)
                for target in part.targets
                if isinstance(target, ast.Name) and target.id in ("_name", "_inherit")
            }
            inherited = said.get("_inherit", [])
            for model in [*said.get("_name", []), *inherited][:1]:
                self.parents[model].update({*inherited} - {model})
                self.classes.append((model, path, node))
                for part in node.body:
                    if isinstance(part, ast.FunctionDef):
                        self.files_of[model][part.name].add(path)

    def find_misplaced(self):
        """Return [(model, path), …] of classes in models/ whose file bears another name
        than their model: so a model is open once in a folder, and in a later folder
        only where that extends it."""
        return [
            (model, path)
            for model, path, _node in self.classes
            if path.startswith("models/") and Path(path).stem != model.replace(".", "_")
        ]

    # ------------------------------------------------------------
    # Calls
    # ------------------------------------------------------------

    def find_calls(self):
        """Return {(path, other path): [“method → called method”, …]}."""
        calls = defaultdict(list)
        for model, path, node in self.classes:
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    for called, others in self._find_called(model, method):
                        if path not in others:  # else a hook of its own
                            for other in others:
                                calls[path, other].append(f"{method.name} → {called}")
        return calls

    def _find_called(self, model, method):
        names = {
            target.id: asked
            for part in ast.walk(method)
            if isinstance(part, ast.Assign)
            for target in part.targets
            if isinstance(target, ast.Name) and (asked := _get_model(part.value))
        }
        for part in ast.walk(method):
            if isinstance(part, ast.Attribute) and part.attr in self.models_with:
                target = self._find_target(part, model, names)
                yield part.attr, self._find_files(target, part.attr)

    def _find_target(self, part, model, names):
        value = part.value
        if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "super":
            return None
        if asked := _get_model(value):
            return asked
        value = _strip(value)
        if isinstance(value, ast.Name) and value.id in ("self", "cls"):
            return model
        if isinstance(value, ast.Name) and value.id in names:
            return names[value.id]
        models = self.models_with[part.attr]
        is_common = hasattr(BaseModel, part.attr) or part.attr in AMBIGUOUS
        is_own = len(models) == 1 and not is_common
        return next(iter(models)) if is_own else None

    def _find_files(self, model, method):
        """Return the files in which a model, or one that it inherits from, has it."""
        files, left, seen = set(), {model}, set()
        while left:
            one = left.pop()
            if one not in seen and one in self.files_of:
                seen.add(one)
                files |= self.files_of[one].get(method, set())
                left |= self.parents[one]
        return files

    def find_hidden(self):
        """Return ["path: expression", …] of calls that nobody can follow: of a method
        of the addon on ``env[variable]``, or of what ``getattr`` finds elsewhere."""
        hidden = []
        for path, text in self.sources.items():
            if not path.startswith("models/"):
                continue
            tree = ast.parse(text)
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and self._is_hidden(node):
                    hidden.append(f"{path}: {ast.unparse(node)}")
                elif isinstance(node, ast.Call) and _is_getattr(node):
                    hidden.append(f"{path}: {ast.unparse(node)}")
        return hidden

    def _is_hidden(self, node):
        is_own = node.attr in self.models_with and not hasattr(BaseModel, node.attr)
        value = _strip(node.value)
        return is_own and _is_env(value) and not isinstance(value.slice, ast.Constant)

    def find_named(self):
        """Return {(path, other path): [model, …]} of the models of others that files
        name: in fields, in plain classes, whatever they call of them."""
        home = {}
        for model, path, node in self.classes:
            if any(_is_assigned(part, "_name", model) for part in node.body):
                home.setdefault(model, path)
        named = defaultdict(list)
        for path, text in self.sources.items():
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Constant) and node.value in home:
                    named[path, home[node.value]].append(node.value)
        return named

    def find_imports(self):
        """Return {(path, other path)} of what files import from each other."""
        imports = set()
        for path, text in self.sources.items():
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ImportFrom) and node.level:
                    parts = path.split("/")[: -node.level]
                    target = "/".join([*parts, *(node.module or "").split(".")])
                    imports.add((path, f"{target}.py"))
        return imports


def find_circles(files, calls):
    """Return the sets of files that call each other in a circle, the largest first.

    :param calls: (path, other path), …
    """
    reached = {path: {path} for path in files}
    is_complete = False
    while not is_complete:
        is_complete = True
        for path, other in calls:
            news = reached[other] - reached[path]
            if news:
                reached[path] |= news
                is_complete = False
    circles = {
        frozenset(two for two in reached[one] if one in reached[two]) for one in files
    }
    return sorted((one for one in circles if len(one) > 1), key=len, reverse=True)


def _is_assigned(part, name, text):
    return (
        isinstance(part, ast.Assign)
        and getattr(part.targets[0], "id", "") == name
        and isinstance(part.value, ast.Constant)
        and part.value.value == text
    )


def _get_texts(value):
    return [
        one.value
        for one in ast.walk(value)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]


def _strip(value):
    """Return what records are made of, without the calls that return the same model."""
    while isinstance(value, ast.Call) and getattr(value.func, "attr", "") in SAME_MODEL:
        value = value.func.value
    return value


def _is_env(value):
    return isinstance(value, ast.Subscript) and (
        getattr(value.value, "attr", getattr(value.value, "id", "")) == "env"
    )


def _get_model(value):
    """Return the model of an expression that begins with ``env["a.model"]``."""
    value = _strip(value)
    if _is_env(value) and isinstance(value.slice, ast.Constant):
        return value.slice.value
    return None


def _is_getattr(node):
    """Say whether a method is looked for by a name that is made up."""
    return (
        getattr(node.func, "id", "") == "getattr"
        and not isinstance(node.args[1], ast.Constant)
        and getattr(node.args[0], "id", "") != "self"
    )
