"""What is no id, no number and no text gets an answer in plain words, whatever public
method it is given to; never an error of the database."""

import inspect
import logging

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..engine.contact import emails
from ..engine.matching.profile import build
from . import calling
from .test_security_calls import CallingCase

NUL = "ann\0@example.com"
#: What somebody, or a program that went wrong, may send instead of an id or a text.
BAD = (
    None, False, True, -1, 0, 2**31, 2**70, 1.5, "", "x", NUL,
    [], [[1]], ["x"], [None], [2**70], {}, {"id": 1},
)  # fmt: skip
#: And instead of a list of ids.
BAD_IDS = (None, [], [0], [-1], [2**70], [1.5], ["x"], [NUL], [None], [True], "x")
# What Odoo's own inherited methods make of bad values is Odoo's own.
INHERITED = {"create", "write", "unlink", "default_get", "onchange", "get_view"}


@tagged("post_install", "-at_install")
class TestBadInput(CallingCase):
    """Each public method of ours, as a manager who may do everything."""

    def setUp(self):
        super().setUp()
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)
        self.died, self.calls = [], 0

    def find_own_methods(self):
        env = self.env(user=self.manager)
        for name in calling.find_models(env):
            for method_name, method in calling.find_methods(env[name]):
                is_ours = calling.is_ours(env[name], method_name)
                if is_ours and method_name not in INHERITED | {"load", "message_new"}:
                    yield env[name], method_name, method

    def call(self, model, name, args, kwargs):
        """Call as a program does, and undo it; note what is neither an answer nor a
        refusal."""
        self.calls += 1
        with self.env.cr.savepoint(flush=False) as savepoint:
            try:
                call_kw(model, name, args, kwargs)
                self.env.flush_all()
            except UserError as refusal:
                self.assertTrue(str(refusal).strip(), (model._name, name))
            except Exception as error:  # noqa: BLE001
                place = f"{model._name}.{name}({args}, {kwargs})"
                self.died.append(f"{place} died of {error!r:.200}")
            savepoint.rollback()
        self.env.transaction.clear()

    def test_what_is_no_id_is_refused_in_plain_words(self):
        for model, name, method in self.find_own_methods():
            if not getattr(method, "_api_model", False):
                kwargs = self.arguments.make(model, method)
                for ids in BAD_IDS:
                    self.call(model, name, [ids], kwargs)
        self.assertFalse(self.died, "\n".join(self.died))
        self.assertGreater(self.calls, 200)

    def test_arguments_that_make_no_sense_are_refused_in_plain_words(self):
        for model, name, method in self.find_own_methods():
            args = [self.secret.get(model._name, model).ids[:1]]
            if getattr(method, "_api_model", False):
                args = []
            made = self.arguments.make(model, method)
            for parameter in [*inspect.signature(method).parameters][1:]:
                for value in BAD:
                    self.call(model, name, args, {**made, parameter: value})
        self.assertFalse(self.died, "\n".join(self.died))
        self.assertGreater(self.calls, 100)

    def test_refusal_names_what_it_refuses(self):
        leads = self.secret["crm.lead"].with_user(self.manager)
        pairs = leads.env["crm.lead.duplicate"]
        for run, pattern in (
            (lambda: leads.env["crm.lead.merge"].resolve(["x"]), "‘x’ is not the id"),
            (lambda: leads.env["crm.lead.merge"].resolve(7), "not a list of ids"),
            (lambda: pairs.explain(leads[0].id, "x"), "‘x’ is not the id"),
            (lambda: pairs.explain(leads[0].id, None), "id of a record is missing"),
            (lambda: pairs.explain(leads[0].id, 2**31 - 1), "is not there"),
            (lambda: leads.action_back_to_lead(), "for one record at a time"),
            (lambda: leads.browse().action_merge_duplicate(), "not for 0"),
        ):
            self.assert_refused(UserError, pattern, run)

    def test_id_of_nothing_is_no_match(self):
        Merge = self.env["crm.lead.merge"].with_user(self.manager)
        self.assertEqual(Merge.resolve([False]), {"None": False})
        self.assertEqual(Merge._resolve([2**70, -1]), {2**70: False, -1: False})

    def test_text_that_no_database_keeps_is_compared_without_it(self):
        self.assertEqual(emails(NUL), emails("ann@example.com"))
        said = {"email": NUL, "persons": ["Ann\0 Lee"], "city": "Gh\0ent"}
        clean = {"email": "ann@example.com", "persons": ["Ann Lee"], "city": "Ghent"}
        self.assertEqual(build(said), build(clean))
        Lead = self.env["crm.lead"].with_user(self.manager)
        self.assertFalse(Lead._get_lead_duplicates(email=NUL))
        values = {"email_from": NUL, "phone": "\0", "contact_name": "\0", "city": "\0"}
        asked = {"duplicate_lead_count": {}, "duplicate_best_id": {"fields": {}}}
        shown = Lead.onchange(values, ["email_from"], asked)
        self.assertFalse(shown["value"].get("duplicate_lead_count"))
