"""Pairs of leads as people write them, each with what is right of the two.

A line is (kind, what is right, country of the company, one lead, the other), where what
is right is

``same``
    they are found, likely or certain;
``apart``
    they are not found;
``found``
    they are found, and nothing may take them for certain;
``unsure``
    nothing may take them for certain: they are two persons or companies with something
    in common.
"""


def tel(one, other):
    return {"phone": one}, {"phone": other}


def mail(one, other):
    return {"email": one}, {"email": other}


def firm(one, other, **place):
    return {"companies": [one], **place}, {"companies": [other], **place}


def who(one, other, **rest):
    return {"persons": [one], **rest}, {"persons": [other], **rest}


#: After public reports of what duplicate finders get wrong; names are invented.
REPORTED = (
    ("trunk", "same", "RU", *tel("8 (812) 330-21-47", "+7 812 330 21 47")),
    ("trunk", "same", "HU", *tel("06 30 412 7788", "+36 30 412 7788")),
    ("zero", "same", "IT", *tel("02 4801 7733", "+39 02 4801 7733")),
    ("invisible", "same", "BE", *tel("\u202a+33 1 47 20 65 33\u202c", "+33147206533")),
    ("label", "same", "BE", *tel("tel:+33-1-47-20-65-33", "Tel.: +33 1 47 20 65 33")),
    ("extension", "same", "US", *tel("+1 415 555 2671 x204", "(415) 555-2671")),
    (
        "two extensions",
        "unsure",
        "US",
        {
            "phone": "+1 415 555 2671 ext. 204",
            "companies": ["Quarry Optics"],
            "email": "mia@quarryoptics.example",
        },
        {
            "phone": "+1 415 555 2671 ext. 209",
            "companies": ["Quarry Optics"],
            "email": "leo@quarryoptics.example",
        },
    ),
    (
        "spreadsheet",
        "apart",
        "DE",
        *who("Jonas Weidner", "Clara Boehm", phone="4.93023E+11"),
    ),
    ("letters", "same", "US", *tel("1-800-FLOWERS", "1-800-356-9377")),
    ("digits", "same", "EG", *tel("+٢٠ ٢ ٢٧٣٥ ٠٠٥٥", "+20 2 2735 0055")),
    (
        "separated",
        "same",
        "",
        *mail("nora@hill.example;nora.hill@mail.example", "nora@hill.example"),
    ),
    ("separated", "same", "", *mail("mailto:nora@hill.example", "nora@hill.example.")),
    (
        "notations",
        "same",
        "",
        {"email": "info.kai@mühle.example", "persons": ["Kai Brandt"]},
        {"email": "info.kai@xn--mhle-0ra.example", "persons": ["Kai Brandt"]},
    ),
    (
        "tag",
        "same",
        "",
        *firm("Tern Boats", "Tern Boats", email="sales+web@tern.example"),
    ),
    (
        "suffixes",
        "apart",
        "",
        {"website": "https://oakley.ltd.uk", "persons": ["Ann Oakley"]},
        {"website": "https://tarrant.ltd.uk", "persons": ["Joe Tarrant"]},
    ),
    (
        "suffixes",
        "apart",
        "",
        {"website": "kiln-studio.github.io", "companies": ["Kiln Studio"]},
        {"website": "pedalworks.github.io", "companies": ["Pedalworks"]},
    ),
    (
        "feminine",
        "found",
        "",
        {
            "persons": ["Юрий Кузнецов"],
            "street": "ул. Садовая 9",
            "zip": "190000",
            "email": "yura.k@mail.ru",
        },
        {
            "persons": ["Юлия Кузнецова"],
            "street": "ул. Садовая 9",
            "zip": "190000",
            "email": "julia-k@yandex.ru",
        },
    ),
    (
        "vowel signs",
        "unsure",
        "",
        {"persons": ["मीना जोशी"], "city": "पुणे", "email": "meena21@gmail.com"},
        {"persons": ["मोना जोशी"], "city": "पुणे", "email": "m.joshi@yahoo.com"},
    ),
    ("dakuten", "found", "", *who("バス 太郎", "パス 太郎", city="大阪")),
    ("traditional", "same", "", *who("陈丽华", "陳麗華", phone="+86 21 6279 8300")),
    ("form in front", "apart", "", *firm("PC World", "World Ltd")),
    ("form in front", "apart", "", *firm("NV Energy", "Energy Inc", city="Reno")),
    ("glued form", "same", "", *firm("株式会社青空書房", "青空書房")),
    ("scripts", "same", "", *firm("شركة النيل للتجارة ذ.م.م", "النيل للتجارة")),
    ("short", "same", "", *firm("1&1 AG", "1&1", city="Montabaur", zip="56410")),
    ("short", "same", "", *firm("E.ON SE", "EON", city="Essen", zip="45131")),
    (
        "acronym",
        "same",
        "",
        *firm(
            "Tamar Ceramics Ltd",
            "TC Limited",
            street="12 Quay Street",
            zip="PL1 2AB",
            website="www.tamarceramics.example",
        ),
    ),
    (
        "abbreviation",
        "same",
        "",
        *firm(
            "Sutton Packaging Ltd", "Sutton Pkg Ltd", street="40 Dock Road", city="Hull"
        ),
    ),
    (
        "abbreviation",
        "same",
        "",
        *firm("Marsh Engineering", "Marsh Eng.", city="Leeds"),
    ),
    (
        "sisters",
        "unsure",
        "",
        {
            "companies": ["Tamar Ceramics Ltd"],
            "street": "12 Quay Street",
            "zip": "PL1 2AB",
            "website": "www.tamarceramics.example",
            "phone": "+44 1752 555 101",
        },
        {
            "companies": ["Tamar Holdings Ltd"],
            "street": "12 Quay Street",
            "zip": "PL1 2AB",
            "website": "www.tamargroup.example",
            "phone": "+44 1752 555 190",
        },
    ),
    (
        "tax number",
        "same",
        "",
        {"vats": [None, "BE0477472701"], "companies": ["Delta Works"]},
        {"vats": [None, "BE 0477.472.701"], "companies": ["DW"]},
    ),
)

#: Reported too: two persons, or two companies, that have much in common. They are
#: found, and nothing may take them for certain. Beside them stand some of our own.
TWO = (
    ("one mailbox", *who("Edgar Ford", "Mabel Ford", email="thefords@post.example")),
    (
        "all else differs",
        {
            "email": "james.hall@gmail.com",
            "persons": ["James Hall"],
            "phone": "+1 312 555 0142",
            "street": "88 Elm St",
            "city": "Denver",
            "companies": ["Acme Paper"],
        },
        {
            "email": "james.hall@gmail.com",
            "persons": ["James Hall"],
            "phone": "+1 646 555 0187",
            "street": "4 Harbor Rd",
            "city": "Boston",
            "companies": ["Blue Yonder Tours"],
        },
    ),
    (
        "generations",
        *who("Walter Finch Sr.", "Walter Finch Jr.", street="7 Mill Lane", zip="03301"),
    ),
    (
        "colleagues, Korean",
        {
            "persons": ["박지훈"],
            "companies": ["한빛무역"],
            "phone": "+82 2 555 8100",
            "email": "jihoon@hanbit.example",
        },
        {
            "persons": ["박지영"],
            "companies": ["한빛무역"],
            "phone": "+82 2 555 8100",
            "email": "jiyoung@hanbit.example",
        },
    ),
    (
        "colleagues who gave no name",
        {
            "companies": ["Heron Tools"],
            "phone": "+44 20 7946 0811",
            "email": "tom.reed@herontools.example",
        },
        {
            "companies": ["Heron Tools"],
            "phone": "+44 20 7946 0811",
            "email": "eva.stone@herontools.example",
        },
    ),
    (
        "two firms, one address and one phone",
        *firm(
            "Saffron Kitchen",
            "Corner Barbers",
            street="3 Market Square",
            zip="LS1 6DT",
            phone="+44 113 496 0120",
        ),
    ),
    (
        "two first names",
        *who(
            "Daniel Ortiz",
            "Danielle Ortiz",
            companies=["Vega Foods"],
            city="Austin",
            zip="78701",
        ),
    ),
    (
        "two first names",
        *who("Александр Белов", "Александра Белова", city="Тверь", zip="170000"),
    ),
    (
        "two first names",
        *who(
            "Gabriel Roy", "Gabrielle Roy", companies=["Vega"], email="roy@vega.example"
        ),
    ),
    ("one mailbox", *who("Jean Morel", "Claire Morel", email="lesmorel@post.example")),
    ("one mailbox", *who("Анна Белова", "Игорь Белов", email="belovy@post.example")),
    (
        "one telephone",
        *who("佐藤健", "佐藤葵", phone="+81 3 1234 5679", city="東京", zip="100-0001"),
    ),
    (
        "generations",
        *who("João Pires Filho", "João Pires Sr.", street="Rua Azul 9", zip="4000-100"),
    ),
    (
        "generations",
        *who("Finch III, Walter", "Walter Finch II", email="finch@post.example"),
    ),
    (
        "two firms, one address and one phone",
        *firm(
            "Bäckerei Krumm",
            "Steuerbüro Anders",
            street="Marktplatz 3",
            zip="04109",
            phone="+49 341 2345 6781",
        ),
    ),
    (
        "two firms, one mailbox",
        *firm("Kiosk Blau", "Verlag Rot", email="post@weber.example", zip="1010"),
    ),
    (
        "two extensions",
        {"companies": ["Optika Jasna"], "phone": "+48 22 345 67 89 wew. 12"},
        {"companies": ["Optika Jasna"], "phone": "+48 22 345 67 89 wew. 14"},
    ),
)

#: Reported as well: to know that these are two takes more than the two leads: the names
#: before an address with a tag, the addresses of the users of this database (point 3 of
#: issue 27).
WAITING = (
    (
        "token",
        {"email": '"Ida Moe" <answer+k2f9q1@portal.example>'},
        {"email": '"Per Lund" <answer+p0x7m4@portal.example>'},
    ),
    (
        "a colleague forwards",
        *who("Sam Seller", "Sam Seller", email="sam@ours.example"),
    ),
)

#: Five of our own beside each kind, in other languages and countries.
OWN = (
    ("trunk", "same", "FR", *tel("01 47 20 65 33", "+33 1 47 20 65 33")),
    ("trunk", "same", "TR", *tel("0 (212) 345 67 89", "+90 212 345 67 89")),
    ("trunk", "same", "KZ", *tel("8 (727) 258-81-33", "+7 727 258 81 33")),
    ("trunk", "same", "LT", *tel("0 5 261 2345", "+370 5 261 2345")),
    ("trunk", "same", "DE", *tel("+49 (0)30 2345 6781", "030 23456781")),
    ("zero", "same", "IT", *tel("+39 (0)6 6982 1234", "06 6982 1234")),
    ("zero", "same", "IT", *tel("0039 055 238 8651", "055 2388651")),
    ("zero", "same", "SM", *tel("0549 882345", "+378 0549 882345")),
    ("zero", "same", "CI", *tel("27 20 21 34 56", "+225 27 20 21 34 56")),
    ("zero", "same", "IT", *tel("tel. 011 562 3456", "+39 011 5623456")),
    ("invisible", "same", "DE", *tel("030\u00ad2345\u200b6781", "+49 30 23456781")),
    ("invisible", "same", "PL", *tel("\ufeff22 345 67 89", "+48 22 345 67 89")),
    ("invisible", "same", "JP", *tel("０３\u30001234\u30005679", "+81 3 1234 5679")),
    ("invisible", "same", "IL", *tel("\u200f03-612-3456\u200e", "+972 3 612 3456")),
    ("invisible", "same", "ES", *tel("91\u00a0234\u202f56\u00a078", "+34 912345678")),
    ("label", "same", "FR", *tel("Tél. : 01 47 20 65 33", "+33147206533")),
    ("label", "same", "RU", *tel("тел.: 8 812 330-21-47", "+78123302147")),
    ("label", "same", "JP", *tel("電話：03-1234-5679", "+81312345679")),
    ("label", "same", "DE", *tel("Mobil 0151 23456789", "+4915123456789")),
    ("label", "same", "ES", *tel("callto:+34912345678", "91 234 56 78 (casa)")),
    ("extension", "same", "FR", *tel("01 47 20 65 33 poste 12", "+33147206533")),
    ("extension", "same", "DE", *tel("030 23456781 Durchwahl 14", "030 23456781")),
    ("extension", "same", "BR", *tel("(11) 3456-7891 ramal 22", "+55 11 3456 7891")),
    ("extension", "same", "CN", *tel("021 6279 8300 内线 45", "+86 21 6279 8300")),
    ("extension", "same", "RU", *tel("8 812 330-21-47 доб. 105", "+7 812 330-21-47")),
    ("spreadsheet", "apart", "FR", *tel("3.31472E+10", "3.31472E+10")),
    ("spreadsheet", "apart", "DE", *tel("4,93023E+11", "4,93023E+11")),
    ("spreadsheet", "apart", "IN", *tel("9.19812e+11", "9.19812e+11")),
    ("spreadsheet", "same", "BE", *tel("3223456180.0", "02 345 61 80")),
    ("spreadsheet", "same", "FR", *tel("147206533,00", "01 47 20 65 33")),
    ("letters", "same", "US", *tel("1-888-GOBRIGH", "1-888-462-7444")),
    ("letters", "same", "CA", *tel("1 (877) TEA-SHOP", "+1 877 832 7467")),
    ("letters", "same", "US", *tel("800-NEW-ROOF", "800 639 7663")),
    ("letters", "same", "GB", *tel("020 7946 0811 office", "+44 20 7946 0811")),
    ("letters", "same", "NL", *tel("kantoor 020 794 6081", "+31 20 794 6081")),
    ("digits", "same", "IR", *tel("۰۲۱ ۸۸۷۶ ۵۴۳۲", "+98 21 8876 5432")),
    ("digits", "same", "IN", *tel("०९८१२३ ४५६७०", "+91 98123 45670")),
    ("digits", "same", "BD", *tel("০১৭১২ ৩৪৫৬৭০", "+880 1712 345670")),
    ("digits", "same", "TH", *tel("๐๒ ๓๔๕ ๖๗๘๑", "+66 2 345 6781")),
    ("digits", "same", "JP", *tel("０３－１２３４－５６７９", "+81 3 1234 5679")),
    ("separated", "same", "", *mail("a@x.org | ida@moe.no", "IDA@moe.no")),
    ("separated", "same", "", *mail("ida@moe.no\nper@moe.no", "per@moe.no")),
    ("separated", "same", "", *mail("<ida@moe.no>, ", "'ida@moe.no'")),
    ("separated", "same", "", *mail("ida＠moe.no、per＠moe.no", "ida@moe.no")),
    ("separated", "same", "", *mail("E-Mail:ida@moe.no.", "ida@moe.no\u200b")),
    ("notations", "same", "", *mail("ana@peña.example", "ana@xn--pea-8ma.example")),
    ("notations", "same", "", *mail("kim@例え.テスト", "kim@xn--r8jz45g.xn--zckzah")),
    ("notations", "same", "", *mail("o@почта.рф", "o@xn--80a1acny.xn--p1ai")),
    ("notations", "same", "", *mail("lea@BÜCHER.example", "lea@bücher.example")),
    ("notations", "same", "", *mail("lea@bu\u0308cher.example", "lea@bücher.example")),
    ("suffixes", "apart", "", {"website": "adan.gob.mx"}, {"website": "beto.gob.mx"}),
    ("suffixes", "apart", "", {"website": "a1.co.kr"}, {"website": "b2.co.kr"}),
    ("suffixes", "apart", "", {"website": "tea.com.tr"}, {"website": "oak.com.tr"}),
    ("suffixes", "apart", "", {"website": "tea.blogspot.com"}, {"website": "oak.com"}),
    ("suffixes", "apart", "", {"email": "a@yahoo.com.pe"}, {"email": "b@yahoo.com.pe"}),
    ("traditional", "same", "", *who("刘伟强", "劉偉強", phone="+886 2 2345 6781")),
    ("traditional", "same", "", *who("張麗", "张丽", phone="+852 2345 6781")),
    ("traditional", "same", "", *firm("国际贸易发展", "國際貿易發展")),
    ("traditional", "same", "", *firm("龙华电器厂", "龍華電器廠")),
    ("traditional", "same", "", *firm("东方书店", "東方書店有限公司")),
    ("form in front", "apart", "US", *firm("SA Recycling", "Recycling Inc")),
    ("form in front", "apart", "GB", *firm("AB Foods", "Foods Ltd")),
    ("form in front", "apart", "DE", *firm("PT Fitness", "Fitness GmbH")),
    ("form in front", "apart", "IT", *firm("AS Roma", "Roma Srl")),
    ("form in front", "apart", "NL", *firm("CV Ketels", "Ketels BV")),
    ("form in front", "same", "ID", *firm("PT Maju Jaya Tbk", "Maju Jaya")),
    ("form in front", "same", "SE", *firm("AB Nordlund Trafik", "Nordlund Trafik")),
    ("glued form", "same", "", *firm("有限会社山川商店", "山川商店")),
    ("glued form", "same", "", *firm("北京长城科技有限公司", "北京长城科技")),
    ("glued form", "same", "", *firm("(주)한빛무역", "한빛무역")),
    ("glued form", "same", "", *firm("한빛무역주식회사", "한빛무역")),
    ("glued form", "same", "", *firm("บริษัทสยามการค้าจำกัด", "สยามการค้า")),
    ("scripts", "same", "", *firm("ООО Северный Ветер", "Северный Ветер")),
    ("scripts", "same", "", *firm("ТОВ «Золота Нива»", "Золота Нива")),
    ("scripts", "same", "", *firm('מגדל אור בע"מ', "מגדל אור")),
    ("scripts", "same", "", *firm("Ρόδος Ναυτιλία Α.Ε.", "ΡΟΔΟΣ ΝΑΥΤΙΛΙΑ")),
    ("scripts", "same", "", *firm("शर्मा उद्योग लिमिटेड", "शर्मा उद्योग")),
    ("short", "same", "", *firm("H&M AB", "H & M", city="Uppsala", zip="75321")),
    ("short", "same", "", *firm("3M Company", "3M", city="Leiden", zip="2333")),
    ("short", "same", "", *firm("X", "X", city="Bastrop", zip="78602")),
    ("short", "same", "", *firm("P.O. SpA", "PO", city="Lecco", zip="23900")),
    ("short", "same", "", *firm("B&Q plc", "B&Q", city="Eastleigh", zip="SO53 3LE")),
    (
        "acronym",
        "same",
        "",
        *firm("Nord Licht GmbH", "NL", website="nordlicht.example", city="Ulm"),
    ),
    (
        "acronym",
        "same",
        "",
        *firm("Casa Roja", "CR", website="casaroja.example", zip="30001"),
    ),
    ("acronym", "apart", "", *firm("Nord Licht GmbH", "NL")),
    ("acronym", "apart", "", *firm("Casa Blanca", "CB", city="Murcia")),
    (
        "acronym",
        "same",
        "",
        *firm("Gare Centrale", "GC", street="9 rue Haute", city="Liège", zip="4000"),
    ),
    ("abbreviation", "same", "", *firm("Hoff Gesellschaft", "Hoff Ges.", city="Ulm")),
    ("abbreviation", "same", "", *firm("Rossi Fratelli", "Rossi F.lli", city="Prato")),
    ("abbreviation", "same", "", *firm("Ruiz Hermanos", "Ruiz Hnos", city="Jaén")),
    ("abbreviation", "same", "", *firm("Paul Compagnie", "Paul Cie", city="Brest")),
    ("abbreviation", "same", "", *firm("Dunn Laboratories", "Dunn Labs", city="Cork")),
)
