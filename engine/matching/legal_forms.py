"""Words in the names of companies that do not tell one company from another.

The legal forms of many countries are those that `cleanco` keeps; beside them stands
what it lacks: forms that are usual without being in the law, and other scripts.
"""

import re

from cleanco.termdata import terms_by_country, terms_by_type

from ..normalize import fold

_DOTS = re.compile(r"[.\s/&]+")


def _folded(terms):
    """Return legal forms as words, each one also without its dots."""
    found = {fold(term) for term in terms}
    found |= {fold(_DOTS.sub("", term)) for term in terms if "." in term}
    return {each for each in found if len(each) > 1 and not each.isdigit()}


#: Short for a form somewhere, but for a country or a word much more often: *Acme NL*.
_OTHERWISE = frozenset("at ca eu nl ok uk vat".split())
#: Legal forms, folded, of one word or several.
LEGAL_FORMS = frozenset(
    _folded(
        term
        for terms in (*terms_by_type.values(), *terms_by_country.values())
        for term in terms
    )
    | set(
        "inc incorporated corp corporation co company companies ltd limited llc llp lp "
        "plc pllc pc gmbh mbh ag kg kgaa ohg gbr ug ek ev eg se sa sas sasu sarl sarlu "
        "eurl snc sca scop sci scs sprl srl bv bvba nv vzw asbl cv cvba vof spa sapa "
        "ss sl slu slp sc scl sccl cb as asa ab oy oyj aps kft zrt rt nyrt bt doo dd "
        "ad ood eood sro zo spz spzoo zoo spj sp jsc pjsc ojsc oao ooo zao pao ao ip "
        "tov pp fop chp pte pty bhd sdn tbk pt kk yk gk ltda eireli me epp saic saci "
        "srlu scarl onlus limitada pvt private public tnhh sti ike epe ae"
        " sociedad anonima".split()
    )
    | {"sp z oo", "sp zoo", "spol sro", "ltd sti", "sa de cv", "srl de cv"}
).difference(_OTHERWISE)
#: The longest of them, in words.
MOST_WORDS = max(len(each.split()) for each in LEGAL_FORMS)
#: Country → forms that it writes before the name as well.
_IN_FRONT = """
    id: pt cv ud
    fr be lu ch mc ma tn dz sn ci: sarl sa sas sasu eurl sci snc sprl ets
    ru by kz ua kg uz: ooo oao zao pao ao ip tov pp fop chp
    bg: ood eood ad ead et
    se fi no ee: as ab oy
    lt: uab ab mb
    lv: sia as
    vn: tnhh
"""
#: Form that stands before the name as well → the countries where it does.
IN_FRONT = {}
for _line in _IN_FRONT.strip().splitlines():
    _countries, _, _forms = _line.partition(":")
    for _form in _forms.split():
        IN_FRONT.setdefault(_form, set()).update(_countries.split())
#: Alphabets in which such forms are written before the name, wherever the lead is.
FRONT_SCRIPTS = (("CYRILLIC", "ru"),)


def _any_of(*forms):
    return "|".join(sorted((fold(form) for form in forms), key=len, reverse=True))


#: Forms that are written together with the name, or before it, in scripts of their own.
#: Each is taken off at either end.
_CHINESE = (
    "株式会社 株式會社 有限会社 合同会社 合資会社 合名会社 一般社団法人 公益社団法人 "
    "股份有限公司 有限责任公司 有限公司 公司 주식회사 유한회사 "
    "유한책임회사 ㈜ (株) (有) (주)"
)
_THAI = "บริษัท ห้างหุ้นส่วนจำกัด จำกัด มหาชน"
GLUED = re.compile(
    rf"^(?:{_any_of(*_CHINESE.split(), *_THAI.split())})"
    rf"|(?:{_any_of(*_CHINESE.split(), *_THAI.split())})$"
)
#: Those that are words of their own, at either end.
OWN_SCRIPT = frozenset(
    fold(form)
    for form in (
        "شركة مؤسسة ذمم شمم شمل شذمم محدودة المحدودة בעמ લિમિટેડ लिमिटेड प्राइवेट प्रा "
        "লিমিটেড лимитед 株 有 주"
    ).split()
)
#: How words are abbreviated in the names of companies → the whole word.
ABBREVIATED = {
    short: line.split()[0]
    for line in """
    international intl int internat
    packaging pkg pkging
    engineering eng engg engrg engr
    manufacturing mfg manuf mnfg
    management mgmt mgt
    services svc svcs serv servs
    service svce
    associates assoc assocs
    brothers bros
    national natl nat
    technologies tech techs technol
    technology tec
    systems sys syst
    industries ind inds indus
    industrial indl
    laboratories lab labs
    construction constr const
    transport transp trsp
    logistics log logist
    equipment equip eqpt
    electric elec electr
    distribution distr distrib
    department dept
    university univ
    institute inst
    hospital hosp
    center ctr centre cntr
    group grp
    products prod prods
    production prodn
    solutions soln solns
    consulting cons consult
    communications comm comms
    development dev devt
    enterprises ent
    trading trdg
    marketing mktg mkt
    medical med
    properties props
    restaurant rest restr
    supply sply
    gesellschaft ges
    gebruder gebr gebrueder
    maschinenbau maschb
    verwaltung verw
    vertrieb vertr
    etablissements ets etabs etablissement
    compagnie cie
    compania cia
    hermanos hnos
    fratelli flli
    construcciones constr
    industria indust
    comercial cial
    przedsiebiorstwo przeds
    """.strip().splitlines()
    for short in line.split()[1:]
}
#: Words that connect others.
CONNECTIVES = frozenset(
    "the and und et y e og och en de of la le les der die das".split()
)
#: Words that many companies use to say what they are: they say little.
TRADES = frozenset(
    "international services service solutions solution systems system technologies "
    "technology tech consulting consultants trading industries industry enterprises "
    "enterprise partners associates global management development marketing media "
    "digital design studio agency "
    "logistics transport engineering construction software".split()
)
#: What tells father from son, behind a name → how it is compared.
GENERATIONS = {
    form: line.split()[0]
    for line in """
    jr jnr junior fils filho hijo
    sr snr senior
    ii
    iii
    iv
    """.strip().splitlines()
    for form in line.split()
}
#: Titles in front of a person's name, or degrees behind it.
TITLES = frozenset(
    "mr mrs ms miss mx dr prof professor sir madam madame mme mlle monsieur herr frau "
    "hr fr dipl ing ir drs mag jr sr ii iii iv phd md mba msc bsc esq sra srta don "
    "dona dott dottssa avv sig signor signora "
    "dhr mevr mw pan pani ingenieur rev".split()
)
