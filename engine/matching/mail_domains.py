"""Domains at which everybody can have an address: sharing one says nothing."""

_NAMES = (
    "gmail googlemail hotmail outlook live msn yahoo ymail rocketmail icloud aol aim "
    "gmx web mail email protonmail proton posteo mailbox zoho yandex inbox rambler "
    "fastmail tutanota tuta hushmail mailinator yopmail"
).split()
_SUFFIXES = (
    "com net org fr de it es be nl uk co.uk ch at ca in co.in com.br com.mx com.ar "
    "com.au co.jp jp ru pl se no dk fi pt gr ie co.id com.hk com.tw com.sg com.vn "
    "com.ph co.za co.nz cn me eu cz ro hu us"
).split()
_OTHERS = (
    "qq.com 163.com 126.com 139.com 189.cn yeah.net sina.com sina.cn sohu.com tom.com "
    "foxmail.com aliyun.com 21cn.com me.com mac.com pm.me orange.fr wanadoo.fr free.fr "
    "sfr.fr neuf.fr laposte.net bbox.fr voila.fr alice.fr aliceadsl.fr numericable.fr "
    "club-internet.fr netcourrier.com t-online.de freenet.de arcor.de online.de "
    "1und1.de vodafone.de bluewin.ch hispeed.ch sunrise.ch a1.net aon.at chello.at "
    "telenet.be skynet.be scarlet.be proximus.be pandora.be voo.be ziggo.nl xs4all.nl "
    "kpnmail.nl home.nl planet.nl hetnet.nl upcmail.nl casema.nl libero.it virgilio.it "
    "alice.it tin.it tiscali.it fastwebnet.it telefonica.net terra.es sapo.pt "
    "telepac.pt btinternet.com sky.com virginmedia.com ntlworld.com talktalk.net "
    "blueyonder.co.uk comcast.net verizon.net att.net sbcglobal.net bellsouth.net "
    "cox.net charter.net earthlink.net juno.com optonline.net frontier.com shaw.ca "
    "rogers.com sympatico.ca videotron.ca telus.net bigpond.com bigpond.net.au "
    "optusnet.com.au iinet.net.au xtra.co.nz uol.com.br bol.com.br terra.com.br "
    "ig.com.br prodigy.net.mx list.ru bk.ru ya.ru ukr.net wp.pl o2.pl onet.pl "
    "interia.pl op.pl seznam.cz centrum.cz atlas.cz azet.sk freemail.hu citromail.hu "
    "abv.bg mail.bg naver.com daum.net hanmail.net nate.com rediffmail.com "
    "docomo.ne.jp ezweb.ne.jp softbank.ne.jp telia.com spray.se online.no dbmail.com "
    "linkedin.com facebook.com"
).split()
#: Addresses there are made up: they say nothing at all.
DUMMY_DOMAINS = frozenset(
    "test.com test.test test.fr test.de test.local none.com na.com no.com noemail.com "
    "nomail.com noreply.com nowhere.com dummy.com fake.com invalid localhost "
    "domain.com email.test mail.test xxx.com "
    "asdf.com abc.com a.com b.com aa.com".split()
)
FREE_MAIL = frozenset(
    [f"{name}.{suffix}" for name in _NAMES for suffix in _SUFFIXES] + _OTHERS
)
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
#: Second levels under which domains are registered, as in example.co.uk.
SECOND_LEVELS = frozenset("co com net org gov edu ac gob or ne go asso gouv".split())
