"""Words in the names of companies that do not tell one company from another."""

#: Legal forms, folded, as words or as sequences of them.
LEGAL_FORMS = frozenset(
    "inc incorporated corp corporation co company companies ltd limited llc llp lp plc "
    "pllc pc gmbh mbh ag kg kgaa ohg gbr ug ek ev eg se sa sas sasu sarl sarlu eurl "
    "snc sca scop sci scs sprl srl bvba bv nv vzw asbl cv cvba vof spa sapa ss snc sl "
    "slu slp sc scl sccl cb as asa ab oy oyj aps a s is kft zrt rt nyrt bt doo dd ad "
    "ood eood sro zo spz spzoo zoo spj sp jsc pjsc ojsc oao ooo zao pao ao tov pte pty "
    "bhd sdn tbk pt kk yk gk ltda ltd eireli me epp saic saci sociedad anonima srlu "
    "scarl onlus limitada pvt private public holding holdings group groupe gruppe "
    "grupo gruppo groep 株式会社 有限会社 合同会社 有限公司 公司 주식회사".split()
)
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
#: Titles in front of a person's name, or degrees behind it.
TITLES = frozenset(
    "mr mrs ms miss mx dr prof professor sir madam madame mme mlle monsieur herr frau "
    "hr fr dipl ing ir drs mag jr sr ii iii iv phd md mba msc bsc esq sra srta don "
    "dona dott dottssa avv sig signor signora "
    "dhr mevr mw pan pani ingenieur rev".split()
)
