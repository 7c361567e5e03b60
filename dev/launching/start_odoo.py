"""Start Odoo, whichever way it was installed.

Not as `python -m odoo`: a server that starts itself again, as Odoo does when a
scheduled action runs over its time or an addon changes, runs the file it was started
from, and that one must work as a script.
"""

import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
