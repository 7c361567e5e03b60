"""No public method, whatever it is asked, tells of records that may not be read, or
changes them.

The methods are found by looking: one that is new is called by itself.
"""

import logging
from collections import Counter

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import SQL

from ..engine.conversion import ConversionOptions
from . import calling
from .test_security_rights import SecurityCase

#: In each text of the hidden records, in any case.
WORD = "".join(("xyz", "zyq", "ux"))
#: In each phone number.
NUMBER = "".join(("9876", "01234"))
#: How many calls there are at least, as each kind of user; of ten, nine get past what
#: Odoo makes of the arguments, to an answer or a refusal.
CALLS = 1000
#: How many hidden records are named at a time, the last besides.
MOST = 4
#: What goes to other servers.
LEFT_OUT = {"iap_enrich"}
#: What Odoo itself lets people add to records that they may not read, and what its
#: portal of partners (website_crm_partner_assign) lets anybody tell by RPC.
STOCK = {
    "activity_schedule",
    "message_change_thread",
    "message_notify",
    "message_process",
    "partner_desinterested",
    "partner_interested",
    "update_stage_from_portal",
}
_logger = logging.getLogger(__name__)


class CallingCase(SecurityCase):
    """Leads of a manager, and whatever can be made of them: possible duplicates,
    merges, conversions, runs, dialogs. None of it may be read by others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead_channel.lead_properties_definition = [
            {"name": "note", "string": "Note", "type": "char"}
        ]
        cls.employee = cls.create_user("qualify_employee", "base.group_user")
        cls.restrained = cls.create_user(
            "qualify_restrained", "sales_team.group_sale_salesman_all_leads"
        )
        cls.env["ir.rule"].create(
            {
                "name": "A rule of the customer's own",
                "model_id": cls.env["ir.model"]._get_id("crm.lead"),
                "domain_force": f"[('user_id', '!=', {cls.manager.id})] "
                f"if user.id == {cls.restrained.id} else [(1, '=', 1)]",
            }
        )
        cls.users = (
            cls.public_user,
            cls.portal_user,
            cls.employee,
            cls.salesperson,  # reads their own documents
            cls.other_salesperson,  # reads all, of another company
            cls.restrained,  # reads all, but for a rule of the customer's own
        )
        cls.secret = {}
        cls.create_secrets()
        cls.arguments = calling.Arguments(cls.secret, WORD)
        cls.env.flush_all()

    @classmethod
    def create_hidden(cls, number, **values):
        customer = cls.create_customer(
            name=f"Customer {WORD} {number}",
            email=f"customer{number}@{WORD}.example.com",
            company_id=cls.other_company.id if number % 2 else cls.company.id,
        )
        cls.keep(customer)
        lead = cls.create_lead(
            **{
                "name": f"Lead {WORD} {number}",
                "type": "lead",
                "contact_name": f"Ann {WORD.title()}",
                "partner_name": f"{WORD} Ltd",
                "email_from": f"ann{number % 3}@{WORD}.example.com",
                "phone": f"+32 {NUMBER}",
                "description": f"<p>{WORD} {number}</p>",
                "street": f"{WORD} Street {number}",
                "city": f"{WORD} {number}",
                "website": f"https://{WORD}.example.com/{number}",
                "lead_properties": {"note": f"{WORD} {number}"},
                "team_id": cls.lead_channel.id,
                "user_id": cls.manager.id,
                "company_id": cls.company.id,
                **values,
            }
        )
        lead.message_post(body=f"Message {WORD} {number}")
        cls.keep(lead)
        return lead

    @classmethod
    def keep(cls, records):
        records = records.sudo()
        known = cls.secret.get(records._name, records.browse())
        cls.secret[records._name] = known | records

    @classmethod
    def create_secrets(cls):
        manager = cls.manager
        leads = [cls.create_hidden(number) for number in range(12)]
        alike = leads[0] + leads[3]
        cls.env["crm.lead.match.queue"].search([]).unlink()
        cls.env["crm.lead.match.profile"]._build(cls.secret["crm.lead"])
        Pair = cls.env["crm.lead.duplicate"]
        match = cls.env["crm.lead.matcher"]._compare(*alike)
        Pair._store({alike[0].id: {alike[1].id: match}}, alike.ids)
        cls.keep(Pair.search([("lead_id", "in", alike.ids)]))
        cls.keep(cls.secret[Pair._name].group_id)
        Merge = cls.env["crm.lead.merge"].with_user(manager)
        merges = [
            Merge._merge((leads[place] + leads[place + 1]).with_user(manager)).sudo()
            for place in (4, 6)
        ]
        for merge in merges:
            cls.keep(merge)
            cls.keep(merge.source_ids)
            cls.keep(merge.value_ids)
            cls.keep(merge.line_ids)
        merges[1].with_user(manager).action_undo(force=True)
        Conversion = cls.env["crm.lead.conversion"].with_user(manager)
        conversion = Conversion._convert_one(
            leads[8].with_user(manager), ConversionOptions(customer="create")
        )
        cls.keep(conversion)
        Run = cls.env["crm.lead.run"].with_user(manager)
        cls.keep(Run._create_conversions(leads[9].with_user(manager)))
        cls.keep(Run._create_merges([(leads[10] + leads[11]).ids]))
        cls.keep(cls.secret["crm.lead.run"].line_ids)
        cls.create_dialogs(leads)
        secret = cls.secret
        secret.update({name: records.exists() for name, records in secret.items()})
        rows = cls.env["crm.lead.qualification.report"].search(
            [("lead_id", "in", secret["crm.lead"].ids)]
        )
        cls.keep(rows)
        for name in ("key", "profile"):
            model = cls.env[f"crm.lead.match.{name}"]
            cls.keep(model.search([("lead_id", "in", secret["crm.lead"].ids)]))

    @classmethod
    def create_dialogs(cls, leads):
        env = cls.env(user=cls.manager)
        pair = (leads[0] + leads[3]).with_env(env)
        action = env["crm.lead.comparison"]._open(*pair)
        comparison = env["crm.lead.comparison"].browse(action["res_id"])
        cls.keep(comparison)
        cls.keep(comparison.line_ids)
        undo = env["crm.lead.undo"].create(
            {
                "res_model": "crm.lead.merge",
                "res_id": cls.secret["crm.lead.merge"][0].id,
                "line_ids": [
                    [0, 0, {"record": WORD, "label": WORD, "value_now": WORD}]
                ],
            }
        )
        cls.keep(undo)
        cls.keep(undo.line_ids)
        merging = env["crm.merge.opportunity"].create({"opportunity_ids": pair.ids})
        cls.keep(merging)
        converting = env["crm.lead2opportunity.partner"].with_context(
            active_id=leads[9].id
        )
        cls.keep(converting.create({"name": "convert"}))
        cls.keep(
            env["crm.lead2opportunity.candidate"].create(
                {
                    "dialog_id": cls.secret["crm.lead2opportunity.partner"].id,
                    "partner_id": leads[0].partner_id.id,
                    "reasons": WORD,
                }
            )
        )
        several = env["crm.lead2opportunity.partner.mass"].with_context(
            active_ids=pair.ids, active_model="crm.lead"
        )
        cls.keep(several.create({}))

    # ------------------------------------------------------------
    # Look
    # ------------------------------------------------------------

    def find_word(self, said):
        """Return whether the word is in something, whatever that is."""
        text = str(said).casefold()
        return WORD in text or NUMBER in text.replace(" ", "")

    def read_rows(self):
        """Return a digest of all rows of the hidden records, and of what is attached to
        the leads."""
        if not hasattr(type(self), "digest"):
            lead_ids = tuple(self.secret["crm.lead"].ids)
            parts = [
                SQL(
                    "SELECT %s || to_jsonb(t)::text AS row FROM %s t WHERE id IN %s",
                    name,
                    SQL.identifier(records._table),
                    tuple(records.ids),
                )
                for name, records in self.secret.items()
                if records._auto and records and "crm.lead.match" not in name
            ]
            parts += [
                SQL(
                    "SELECT %s || id || to_jsonb(t)::text FROM %s t "
                    "WHERE %s = 'crm.lead' AND res_id IN %s",
                    table,
                    SQL.identifier(table),
                    SQL.identifier(column),
                    lead_ids,
                )
                for table, column in (
                    ("mail_message", "model"),
                    ("mail_activity", "res_model"),
                    ("mail_followers", "res_model"),
                    ("ir_attachment", "res_model"),
                )
            ]
            type(self).digest = SQL(
                "SELECT md5(string_agg(row, '' ORDER BY row)) FROM (%s) AS rows",
                SQL(" UNION ALL ").join(parts),
            )
        [(digest,)] = self.env.execute_query(self.digest)
        return digest

    def warm_up(self, name):
        """Have the cache hold what the superuser reads, as computing may leave it."""
        for each in {"crm.lead", name} & self.secret.keys():
            records = self.secret[each].with_user(self.users[0]).sudo()
            records.mapped("display_name")


@tagged("post_install", "-at_install")
class TestSecurityCalls(CallingCase):
    """Each public method, as each kind of user who may read nothing of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = {user: cls.create_own(user) for user in cls.users}
        cls.env.flush_all()

    @classmethod
    def create_own(cls, user):
        """Create what a salesperson has themselves."""
        own = {}
        if not user.has_group("sales_team.group_sale_salesman"):
            return own
        values = {"user_id": user.id, "company_id": user.company_id.id}
        leads = cls.create_lead(name="Mine", email_from="me@example.com", **values)
        leads += cls.create_lead(name="Mine too", city="Ghent", **values)
        leads = leads.with_user(user)
        own["crm.lead"] = leads
        env = leads.env
        Merging = env["crm.merge.opportunity"]
        own[Merging._name] = Merging.create({"opportunity_ids": leads.ids})
        Converting = env["crm.lead2opportunity.partner"]
        Converting = Converting.with_context(active_id=leads[0].id)
        own[Converting._name] = Converting.create({"name": "convert"})
        Several = env["crm.lead2opportunity.partner.mass"]
        Several = Several.with_context(active_ids=leads.ids, active_model="crm.lead")
        own[Several._name] = Several.create({})
        Comparison = env["crm.lead.comparison"]
        own[Comparison._name] = Comparison.browse(Comparison._open(*leads)["res_id"])
        own["crm.lead.comparison.line"] = own[Comparison._name].line_ids
        run = env["crm.lead.run"]._create_conversions(leads)
        own[run._name] = run
        own["crm.lead.run.line"] = run.line_ids
        undo = env["crm.lead.undo"]
        own[undo._name] = undo.create({"res_model": "crm.lead.merge", "res_id": 1})
        Candidate = env["crm.lead2opportunity.candidate"]
        own[Candidate._name] = Candidate.create({"reasons": "x"})
        return own

    def setUp(self):
        super().setUp()
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)
        self.before = self.read_rows()
        self.writes = []
        self.watch_writes()
        self.told, self.outcomes, self.odd = [], Counter(), Counter()

    def watch_writes(self):
        """Note the statements that may change something: only after one of them there
        is something to compare, and to forget."""
        execute = type(self.env.cr).execute

        def watch(cursor, query, *args, **kwargs):
            code = getattr(query, "code", query).lstrip()[:9].upper()
            if not code.startswith(("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")):
                self.writes.append(code)
            return execute(cursor, query, *args, **kwargs)

        self.patch(type(self.env.cr), "execute", watch)

    def call_all(self, user):
        """Call each public method of each model, as `user`."""
        env = self.env(user=user, context={"lang": "en_US"})
        # as a request has it, whose commands nobody carries out with more rights
        env.transaction.default_env = env
        for model in calling.find_models(env):
            if env[model]._abstract and user != self.employee:
                continue  # which have no records, and say the same to all
            for name, method in calling.find_methods(env[model]):
                if name not in LEFT_OUT:
                    self.call_in_turns(env[model], name, method)
        count, died = sum(self.outcomes.values()), sum(self.odd.values())
        logging.disable(logging.NOTSET)
        _logger.info("%s: %s calls, %s", user.login, count, dict(self.outcomes))
        self.assertFalse(self.told, "\n".join(self.told))
        self.assertGreater(count, CALLS)
        self.assertLess(died, count / 10, self.odd)

    def call_in_turns(self, model, name, method):
        """Call a method on hidden records, on what belongs to the user, and, if it is
        ours, on a cache that holds more than they may read."""
        hidden = self.secret.get(model._name, model.browse()).ids
        hidden = [*hidden[:MOST], *hidden[MOST:][-1:]]
        own = self.own[model.env.user].get(model._name, model).ids
        if getattr(method, "_api_model", False):
            self.call(model, name, method)
        else:
            self.call(model, name, method, hidden)
            if own:
                self.call(model, name, method, own)
            if name == "onchange":
                self.call(model, name, method, [], field_names=[])
            if calling.is_ours(model, name):
                for one in [*hidden[:1], *hidden[-1:], *own[:1]]:
                    self.call(model, name, method, [one], warm=True)
        if name in ("default_get", "onchange"):
            self.call_with_defaults(model, name, method)

    def call_with_defaults(self, model, name, method):
        """Name hidden records in the context, as a link to a form does."""
        vals = self.arguments.make_vals(model)
        context = {f"default_{field}": value for field, value in vals.items()}
        leads = self.secret["crm.lead"].ids
        context.update(active_model="crm.lead", active_id=leads[0], active_ids=leads)
        if name == "onchange":
            more = {"context": context, "values": {}, "field_names": []}
            self.call(model, name, method, [], **more)
        else:
            self.call(model, name, method, context=context)

    def call(self, model, name, method, ids=None, warm=False, **more):
        """Call a method as a program does, look at what it answers, and undo it.

        :param ids: of which records; None: the method is not for records
        """
        place = f"{model.env.user.login}: {model._name}.{name}({ids}, {more})"
        kwargs = {**self.arguments.make(model, method, ids), **more}
        args = [] if ids is None else [ids]
        if name == "create":
            args = [kwargs.pop("vals_list")]
        self.writes.clear()
        with self.env.cr.savepoint(flush=False) as savepoint:
            if warm:
                self.warm_up(model._name)
            try:
                answer = call_kw(model, name, args, kwargs)
                self.env.flush_all()
                answer = [answer, self.follow(model, name, answer)]
                self.outcomes["answered"] += 1
            except Exception as error:  # noqa: BLE001
                if self.writes:
                    savepoint.rollback()  # as the server does
                answer = self.explain(error)
                self.note_end(error, model, name, place)
            self.look(place, name, answer)
            savepoint.rollback()
        waits = self.env._field_dirty or self.env.transaction.tocompute
        if warm or self.writes or waits:
            self.env.transaction.clear()
        if "singleton" in str(answer) and ids and len(ids) > 1:
            self.call(model, name, method, ids[:1], **more)

    def look(self, place, name, answer):
        """Note what a call has told or changed that it may not."""
        if self.find_word(answer):
            self.told.append(f"{place} tells {str(answer)[:2000]}")
        if self.writes and name not in STOCK and self.read_rows() != self.before:
            self.told.append(f"{place} changes what is hidden")

    def note_end(self, error, model, name, place):
        """Note how a call ended: refused, or in a way that it should not."""
        self.outcomes[type(error).__name__] += 1
        if isinstance(error, UserError):
            return
        if "singleton" not in str(error):
            self.odd[f"{model._name}.{name}: {error!r:.200}"] += 1
        if calling.is_ours(model, name):
            self.told.append(f"{place} died of {error!r:.300}")

    def explain(self, error):
        """Return what a program is told of an error, and of those that led to it."""
        led = []
        while error is not None and error not in led:
            led.append(error)
            error = error.__cause__ or error.__context__
        return "\n".join(f"{each} {each.args!r}" for each in led)

    def follow(self, model, name, answer):
        """Read what the user has been given: a record just made, or one to open."""
        records = model.browse()
        if name in ("create", "copy", "name_create") and answer:
            ids = answer if isinstance(answer, list) else [answer]
            records = model.browse(one for one in ids if isinstance(one, int))
        elif name in ("write", "web_save"):
            records = self.own[model.env.user].get(model._name, records)
            records = records.with_env(model.env)
        elif isinstance(answer, dict) and answer.get("res_id"):
            records = model.env[answer["res_model"]].browse(answer["res_id"])
        if not records:
            return None
        specification = self.arguments.make_specification(records)
        return call_kw(records, "web_read", [records.ids, specification], {})

    def test_nobody_may_read_what_is_hidden_here(self):
        """What the other tests rest on."""
        for user in self.users:
            leads = self.secret["crm.lead"].with_user(user)
            self.assertFalse(leads._filtered_access("read"), user.login)
        for name, records in self.secret.items():
            self.assertTrue(records, name)

    def test_public_method_tells_visitors_nothing(self):
        self.call_all(self.public_user)

    def test_public_method_tells_users_of_the_portal_nothing(self):
        self.call_all(self.portal_user)

    def test_public_method_tells_employees_nothing(self):
        self.call_all(self.employee)

    def test_public_method_tells_salespeople_nothing_of_colleagues(self):
        self.call_all(self.salesperson)

    def test_public_method_tells_salespeople_nothing_of_another_company(self):
        self.call_all(self.other_salesperson)

    def test_public_method_tells_nothing_that_a_rule_of_the_customer_hides(self):
        self.call_all(self.restrained)
