"""Which places of this database can hold the id of a lead, or of a record of another
model: a walk through the registry.

The walk knows the mechanisms by which Odoo stores a link; `PLAIN_PAIRS` names the few
columns that hold a model and an id without any field that says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from odoo.tools import SQL

from .attachment import Attachment
from .company_dependent import CompanyDependent
from .default_value import DefaultValue
from .follower import Follower
from .link_table import LinkTable
from .many2one import Many2one
from .model_and_id import ModelAndId
from .property_value import PropertyDefault, PropertyValue
from .reference import MODEL, Reference
from .reference_text import ReferenceText
from .server_action import ServerActionValue

# (model, field with the model, field with the id)
PLAIN_PAIRS = (
    ("data_recycle.record", "res_model_name", "res_id"),
    ("ir.actions.act_window", "res_model", "res_id"),
    ("ir.embedded.actions", "parent_res_model", "parent_res_id"),
    ("ir.filters", "model_id", "embedded_parent_res_id"),
    ("mail.alias", "alias_model_id", "alias_force_thread_id"),
    ("mail.alias", "alias_parent_model_id", "alias_parent_thread_id"),
    ("rating.rating", "parent_res_model", "parent_res_id"),
    ("res.users.settings.embedded.action", "res_model", "res_id"),
    ("snailmail.letter", "model", "res_id"),
)


def discover(
    env, plain_pairs: Iterable[tuple[str, str, str]], target: str = MODEL
) -> list[Reference]:
    """List the places of which the registry says that they can hold a record's id.

    :param env: any environment of the database
    :param plain_pairs: (model, field with the model, field with the id)
    :param target: the model of that record
    """
    columns = _columns(env.cr)
    found = {}
    for candidate in (
        *_fields(env, columns, target),
        *_pairs(env, plain_pairs, target),
        ServerActionValue(
            "ir_act_server", "value", "ir.actions.server", "value", target=target
        ),
    ):
        names = columns.get(candidate.table, ())
        if candidate.column in names:
            known = (*candidate.identifying, "create_date")
            known = tuple(name for name in known if name in names)
            candidate = replace(candidate, identifying=known)
            found.setdefault((candidate.name, type(candidate)), candidate)
    return list(found.values())


def _columns(cr) -> dict[str, set[str]]:
    """Columns by table, of real tables, as bare names find them: views hold nothing of
    their own."""
    cr.execute("""
        SELECT c.relname, array_agg(a.attname)
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
           AND pg_table_is_visible(c.oid)
      GROUP BY c.relname
    """)
    return {table: set(names) for table, names in cr.fetchall()}


def _fields(env, columns, target) -> Iterator[Reference]:
    """The places that a field declares."""
    for model in env.registry.values():
        if model._abstract:
            continue
        for field in model._fields.values():
            if field.store and not field.inherited:
                yield from _places_of(env, model, field, columns, target)


def _places_of(env, model, field, columns, target) -> Iterator[Reference]:
    place = {
        "table": model._table,
        "column": field.name,
        "model": model._name,
        "field": field.name,
        "is_transient": model._transient,
        "target": target,
        "is_value": _is_value(model, field, target),
    }
    if field.type == "many2one" and field.comodel_name == target:
        yield DefaultValue("ir_default", "json_value", target=target)
        if field.company_dependent:
            yield CompanyDependent(**place)
        else:
            yield Many2one(**place, derived=_derived(env, model, field, columns))
    elif field.type == "many2many" and target in (model._name, field.comodel_name):
        yield from _link_sides(env, model, field, target)
    elif field.type == "reference":
        yield ReferenceText(**place, derived=_derived(env, model, field, columns))
    elif field.type == "many2one_reference" and field.model_field:
        yield from _model_and_id(
            env,
            model,
            field.model_field,
            field,
            _derived(env, model, field, columns),
            target,
            _is_value(model, field, target),
        )


def _is_value(model, field, target) -> bool:
    """Whether it is a value of a lead itself, which nothing computes."""
    is_computed = bool(field.compute) and field.readonly
    return target == MODEL == model._name and not is_computed


def _link_sides(env, model, field, target) -> Iterator[LinkTable]:
    """The sides of a many2many that are of the model. A table that a model is stored in
    has many2one fields, which say the same."""
    if any(field.relation == one._table for one in env.registry.values()):
        return
    sides = (
        (model._name, field.column1, field.column2),
        (field.comodel_name, field.column2, field.column1),
    )
    transient = model._transient or env.registry[field.comodel_name]._transient
    for side, column, other in sides:
        if side == target:
            yield LinkTable(
                field.relation,
                column,
                is_transient=transient,
                target=target,
                unique_by=(other,),
                other_side=other if model._name == field.comodel_name else None,
            )


def _pairs(env, plain_pairs, target) -> Iterator[Reference]:
    """The places that no field declares."""
    for model_name, model_field, id_field in plain_pairs:
        model = env.registry.get(model_name)
        if model is not None and id_field in model._fields:
            yield from _model_and_id(
                env, model, model_field, model._fields[id_field], (), target
            )


def _model_and_id(
    env, model, model_field, field, derived, target, is_value=False
) -> Iterator[Reference]:
    """A pair of a model and an id, where the database says which model it is."""
    kinds = {"ir.attachment": Attachment, "mail.followers": Follower}
    place = _place_of_model(env, model, model._fields[model_field])
    if place:
        yield kinds.get(model._name, ModelAndId)(
            table=model._table,
            column=field.name,
            model=model._name,
            field=field.name,
            is_transient=model._transient,
            derived=derived,
            target=target,
            is_value=is_value,
            identifying=(place["model_column"],),
            **place,
        )


def _place_of_model(env, model, field) -> dict[str, str]:
    """Where the name of the model of a pair is stored: in the row itself, or in the one
    that the row points to. Nowhere, if the ORM computes it row by row, as of the
    stages and tags that trigger an automation rule."""
    owner, name = field, "model"
    if not field.store and field.related:
        first, _dot, name = field.related.partition(".")
        owner = model._fields[first]
    if not owner.store:
        return {}
    if owner.type != "many2one":
        return {"model_column": owner.name} if owner is field else {}
    there = env.registry[owner.comodel_name]
    named = there._fields.get(name)
    if named is None or not named.store or named.type not in ("char", "selection"):
        return {}
    return {
        "model_column": owner.name,
        "model_table": there._table,
        "model_name_column": name,
    }


def _derived(env, model, field, columns) -> tuple[str, ...]:
    """The stored columns of the same row that the ORM computes from `field`."""
    own = [
        dependent.name
        for dependent in env.registry.get_dependent_fields(field)
        if dependent.model_name == model._name
        and dependent.name in columns.get(model._table, ())
        and dependent.name != field.name
    ]
    return (*sorted(set(own)), "write_uid", "write_date") if own else ()


def definition_fields(env) -> list[tuple[str, str]]:
    """List the fields that hold definitions of properties: (model, field), …"""
    return [
        (model._name, field.name)
        for model in env.registry.values()
        if not model._abstract and model._auto
        for field in model._fields.values()
        if field.type == "properties_definition" and field.store
    ]


def discover_properties(
    env, names: Iterable[tuple[str, str]], target: str = MODEL
) -> list[Reference]:
    """List the properties that point to leads, or to another model. Users define them
    at any time, so that this asks the database: one query over the definitions.

    :param names: see `definition_fields`
    """
    definitions = [env.registry[model]._fields[field] for model, field in names]
    if not definitions:
        return []
    rows = env.execute_query(
        SQL(" UNION ALL ").join(
            _definitions_of(env, field, target) for field in definitions
        )
    )
    found = {}
    for model_name, field_name, property_name in rows:
        table = env.registry[model_name]._table
        default = PropertyDefault(
            table, field_name, model_name, field_name, target=target
        )
        found[default.name] = default
        definition = env.registry[model_name]._fields[field_name]
        for owner in definition.properties_fields:
            value = PropertyValue(
                env.registry[owner.model_name]._table,
                owner.name,
                owner.model_name,
                owner.name,
                target=target,
                is_value=target == MODEL == owner.model_name,
                property_name=property_name,
            )
            found[value.name] = value
    return list(found.values())


def _definitions_of(env, field, target) -> SQL:
    """Query: the properties defined in `field` that point to the model."""
    return SQL(
        """SELECT DISTINCT %s, %s, one ->> 'name'
             FROM %s t, jsonb_array_elements(t.%s) AS one
            WHERE t.%s @> %s AND one ->> 'comodel' = %s""",
        field.model_name,
        field.name,
        SQL.identifier(env.registry[field.model_name]._table),
        SQL.identifier(field.name),
        SQL.identifier(field.name),
        f'[{{"comodel": "{target}"}}]',
        target,
    )
