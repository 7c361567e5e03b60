"""What README.rst says to writers of other programs: its examples, as they stand."""

import doctest
import xmlrpc.client

import requests

from odoo.tests import HttpCase, tagged

from .merging import MergeCase
from .readme_examples import code_blocks


@tagged("post_install", "-at_install")
class TestPublicApi(HttpCase, MergeCase):
    """A salesperson's program merges, undoes, converts and finds old ids."""

    def setUp(self):
        super().setUp()
        # Requests of a test carry a cookie; the examples make clients of their own.
        self.patch(requests, "Session", lambda: self.opener)
        self.patch(xmlrpc.client, "ServerProxy", lambda address: self.xmlrpc_object)
        leads = self.create_leads(
            {"city": "Brussels"}, {"city": "Lyon"}, {"city": "Ghent"}, type="lead"
        )
        self.names = {
            "url": self.base_url(),
            "database": self.cr.dbname,
            "user": self.salesperson_all.id,
            "key": self.create_api_key(),
            "salesperson": self.salesperson.id,
            "customer": self.create_customer(name="Planet Express").id,
            "oldest": leads[0].id,
            "other": leads[1].id,
            "newest": leads[2].id,
        }
        twins = {"contact_name": "Amy Wong", "email_from": "amy@example.com"}
        leads[0].write(twins)
        self.names["twin"] = self.create_leads(twins, type="lead").id
        exec(code_blocks()["api-client"], self.names)

    def create_api_key(self):
        # sudo: people confirm their password in a dialog before they get a key
        Keys = self.env["res.users.apikeys"].with_user(self.salesperson_all).sudo()
        return Keys._generate("rpc", "example", None)

    def run_example(self, name):
        parser = doctest.DocTestParser()
        example = parser.get_doctest(
            code_blocks()[f"api-{name}"], self.names, name, "README.rst", 0
        )
        self.assertTrue(example.examples)
        found = []
        runner = doctest.DocTestRunner()
        result = runner.run(example, out=found.append, clear_globs=False)
        self.assertFalse(result.failed, "".join(found))
        self.names = example.globs

    def test_merge_and_undo(self):
        for name in ("merge", "resolve", "journal", "undo"):
            self.run_example(name)

    def test_convert_and_undo(self):
        self.run_example("convert")

    def test_duplicates(self):
        self.run_example("explain")
        self.run_example("keep-separate")

    def test_xmlrpc(self):
        self.run_example("xmlrpc")
