"""The order of the folders is the order of dependence: a folder calls itself and those
before it, and gives those after it hooks (``tests/test_layers.py``)."""

# isort: off
from . import common
from . import team
from . import journal
from . import duplicate
from . import merge
from . import conversion
from . import run
