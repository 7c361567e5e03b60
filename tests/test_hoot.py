from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestHoot(HttpCase):
    """What the addon adds to the web client, by the client's own test runner."""

    def test_hoot(self):
        self.run_suite("desktop")

    def test_hoot_on_a_phone(self):
        self.browser_size = "375x667"
        self.touch_enabled = True
        self.run_suite("mobile")

    def run_suite(self, preset):
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000"
            f"&id={self._get_suite_id('@crm_lead_qualification')}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
        )

    @staticmethod
    def _get_suite_id(name):
        """Return the id that hoot gives a suite: a 32-bit hash of its name."""
        number = 0
        for character in name:
            number = (number * 31 + ord(character)) & 0xFFFFFFFF
        return f"{number:08x}"
