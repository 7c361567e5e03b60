"""What README.rst says to who extends the addon: its examples, run as they stand."""

from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import tagged

from ..engine.matching import scoring
from ..engine.matching.comparisons import COMPARISONS, MOST, finding
from ..engine.matching.frequency import Frequencies
from ..engine.matching.profile import build
from ..engine.matching.scoring import compare
from ..engine.matching.weights import WEIGHTS, Weight
from ..models.duplicate.crm_lead_matcher import LEFT_OUT
from ..models.duplicate.labels import LABELS, describe
from .merging import MergeCase
from .readme_examples import code_blocks


@tagged("post_install", "-at_install")
class TestExtensionExamples(MergeCase):
    """Each example does what the page says, and all of it can be undone."""

    def extend(self, name):
        """Extend the models of this registry with the classes of an example."""
        code = code_blocks()[f"extension-{name}"]
        names = {"__name__": "example"}
        exec(code_blocks()["extension-imports"], names)
        # The classes are only mixed in below: the ORM would add them for good.
        names["models"] = SimpleNamespace(AbstractModel=object)
        exec(code, names)
        for one in [*names.values()]:
            if isinstance(one, type) and "_inherit" in one.__dict__:
                self.mix_in(one)

    def mix_in(self, extension):
        model = extension._inherit
        known = self.registry[model]
        extended = type(known)(
            model, (extension, known), {"_register": False, "__module__": __name__}
        )
        patched = patch.dict(self.registry.models, {model: extended})
        patched.start()
        self.addCleanup(self.registry.clear_cache)
        self.addCleanup(patched.stop)
        self.registry.clear_cache()

    # ------------------------------------------------------------
    # Values
    # ------------------------------------------------------------

    def test_a_field_rule(self):
        leads = self.create_leads({"referred": "Ann"}, {"referred": "Bob, ann"})
        self.assertEqual(self.env[leads._name]._fields["referred"].type, "char")
        self.extend("field-rule")
        merge = self.merge(leads)
        self.assertEqual(merge.survivor_id.referred, "Ann, Bob")
        self.undo(merge)
        self.assertEqual(leads.mapped("referred"), ["Ann", "Bob, ann"])

    def test_without_a_rule_the_first_value_is_kept_and_others_are_set_aside(self):
        merge = self.merge(
            self.create_leads({"referred": "Ann"}, {"referred": "Bob, ann"})
        )
        self.assertEqual(merge.survivor_id.referred, "Ann")
        self.assertEqual(self.set_aside(merge)["referred"], ["Bob, ann"])

    def test_a_bundle(self):
        campaign, medium, source = (
            self.env[model].create({"name": "Example"})
            for model in ("utm.campaign", "utm.medium", "utm.source")
        )
        values = (
            {"campaign_id": campaign.id},
            {"medium_id": medium.id, "source_id": source.id},
        )
        mixed = self.merge(self.create_leads(*values)).survivor_id
        self.assertEqual((mixed.campaign_id, mixed.source_id), (campaign, source))
        self.extend("bundle")
        merge = self.merge(self.create_leads(*values))
        kept = merge.survivor_id
        self.assertEqual(kept.campaign_id, campaign)
        self.assertFalse(kept.medium_id or kept.source_id)
        self.assertEqual(self.set_aside(merge)["source_id"], [source.id])

    def test_who_survives(self):
        leads = self.create_leads({}, {"partner_id": self.create_customer().id}, {})
        self.extend("survivor")
        self.assertEqual(self.merge(leads).survivor_id, leads[1])
        leads = self.create_leads({}, {"partner_id": self.create_customer().id}, {})
        chosen = self.merge(leads, survivor_id=leads[2].id)
        self.assertEqual(chosen.survivor_id, leads[2])

    # ------------------------------------------------------------
    # Comparisons
    # ------------------------------------------------------------

    def test_a_comparison(self):
        for known in (WEIGHTS, COMPARISONS, MOST, LABELS):
            patched = patch.dict(known)
            patched.start()
            self.addCleanup(patched.stop)
        one, other, elsewhere = (
            build({"email": f"{name}@acme.com", "zip": postcode})
            for name, postcode in (("ann", "1000"), ("bob", "1000"), ("cat", "2000"))
        )
        frequencies = Frequencies(5_000)
        before = compare(one, other, frequencies)
        names = {"WEIGHTS": WEIGHTS, "COMPARISONS": COMPARISONS, "LABELS": LABELS}
        names.update(MOST=MOST, finding=finding, Weight=Weight, _lt=str)
        exec(code_blocks()["extension-comparison"], names)
        # worked out when the engine is loaded, which was before the example
        most = [*MOST.values()]
        self.patch(scoring, "_MOST_FROM", {k: most[at:] for at, k in enumerate(MOST)})
        after = compare(one, other, frequencies)
        self.assertAlmostEqual(after.score - before.score, 2.5)
        self.assertIn("site", after.agreements)
        self.assertEqual(
            describe(self.env, [["site", "same", 2.5]])[0][0], "Same office"
        )
        far = compare(one, elsewhere, frequencies)
        self.assertNotIn("site", [one.subject for one in far.findings])
        left_out = compare(one, other, frequencies, without={"site"})
        self.assertEqual(left_out, before)
        in_time = compare(one, other, frequencies, least=after.score)
        self.assertEqual(in_time, after, "not given up before it was compared")
        for left_out in ("", "site", "site street"):
            self.save_settings(left_out)

    def save_settings(self, left_out):
        """See the settings saved that know nothing of the example."""
        parameters = self.env["ir.config_parameter"]
        parameters.set_param(LEFT_OUT, left_out)
        self.env["res.config.settings"].create({}).execute()
        self.assertEqual(parameters.get_param(LEFT_OUT) or "", left_out)

    # ------------------------------------------------------------
    # References
    # ------------------------------------------------------------

    def test_a_plain_pair(self):
        visits = self.create_visits()
        self.extend("plain-pair")
        self.check_visits(visits, "x_number", lambda lead: lead.id)

    def test_a_mechanism(self):
        visits = self.create_visits()
        self.extend("mechanism")
        self.check_visits(visits, "x_tag", lambda lead: f"lead-{lead.id}")

    def create_visits(self):
        """Make a model whose rows know leads without a field that says so."""
        self.env["ir.model"].create(
            {
                "name": "Visit",
                "model": "x_visit",
                "field_id": [
                    (0, 0, {"name": name, "field_description": name, "ttype": kind})
                    for name, kind in (
                        ("x_model", "char"),
                        ("x_number", "integer"),
                        ("x_tag", "char"),
                    )
                ],
            }
        )
        leads = self.create_leads({}, {}, {})
        return self.env["x_visit"].create(
            [
                {
                    "x_model": "crm.lead",
                    "x_number": lead.id,
                    "x_tag": f"lead-{lead.id}",
                }
                for lead in leads
            ]
        )

    def check_visits(self, visits, field, expected):
        """Merge the first two leads; see their visits moved, counted and put back."""
        leads = self.env["crm.lead"].browse(visits.mapped("x_number"))
        held = [expected(lead) for lead in leads]
        Merge = self.env["crm.lead.merge"]
        moving = Merge._plan(leads[:2]).references
        self.assertEqual(moving.get(f"x_visit.{field}"), 1)
        merge = self.merge(leads[:2])
        self.assertEqual(visits.mapped(field), [held[0], held[0], held[2]])
        self.undo(merge)
        self.assertEqual(visits.mapped(field), held)
