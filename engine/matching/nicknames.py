"""Names that people call each other by, as sets of the same given name."""

from .legal_forms import GENERATIONS

_SETS = """
alexander alex sasha sacha xander alec aleksandr alejandro alessandro
alexandra alex sandra sasha lexi
alfred alf fred alfie
alice ali alicia
amanda mandy
andrew andy drew andre andreas andrea andres andrei
angela angie
ann anne anna annie anja
anthony tony antoine anton antonio
arthur art artie
barbara barb barbie
benjamin ben benny
bernard bernie bernd bernhard
bridget biddy
caroline carol carrie carolina karoline
catherine kate cathy kathy katie kitty katherine kathryn catalina katarina katharina
charles charlie chuck carl karl carlos carlo
charlotte lottie charlie
christian chris
christine chris chrissie tina christina kristin kirsten
christopher chris kit christophe cristobal christoph
claudia claudine
clifford cliff
cornelius kees cor
cynthia cindy
daniel dan danny
david dave davy
deborah debbie deb
dennis denis denny
donald don donnie
dorothy dot dolly dorothea
douglas doug
edward ed eddie ted teddy eduard eduardo edouard ned
eleanor ellie nora ellen
elizabeth liz lizzie beth betty eliza elisabeth lisa bess libby elsa isabel
emily em millie
emma em
ernest ernie
eugene gene
evelyn eve evie
florence flo
frances fran fanny francesca francoise
francis frank fran francois francesco francisco franz paco
frederick fred freddie freddy friedrich frederic federico fritz
gabriel gabe
george georgie georg georges jorge giorgio jurgen
gerald gerry jerry
gerard gerry gerhard
gregory greg
harold harry hal
henry harry hank hal henri heinrich enrique hendrik
herbert herb bert
hubert bert
ignatius iggy
isaac ike
isabella bella isabel izzy
jacob jake jack jakob jacques
jacqueline jackie
james jim jimmy jamie jem diego
jane janet jean janie
jason jay
jeffrey jeff geoffrey geoff
jennifer jen jenny jenn
jeremy jerry
jessica jess jessie
joan joanie
johannes hans jan johan johann
john jack johnny jon jean juan giovanni ivan jan johann hans
jonathan jon jonny john
joseph joe joey jose josef giuseppe pepe
joshua josh
judith judy
julia julie
julian jules
katherine kate kathy katie kitty catherine kathryn kat katya ekaterina
kenneth ken kenny
kimberly kim
lawrence larry laurie laurence laurent lorenzo lars
leonard leo len lenny leonardo
lewis lou louis luis luigi ludwig
louise lou lulu luisa
lucas luke luc lukas luca
madeleine maddie
margaret maggie meg peggy marge margie rita greta marguerite margarita
maria mary marie mia mariya
mark marc marcus marco markus marcos
martha marty
martin marty
mary molly polly marie maria
matthew matt matty mathieu matthias matteo mateo
maximilian max maxwell maxime
michael mike mick mickey michel miguel michele mikhail misha michal
mildred millie
mohammed mohamed muhammad mohammad mohamad mehmet mo
montgomery monty
nathaniel nat nate nathan
nicholas nick nicky nicolas nikolaus klaus nicola nikolai
norman norm
oliver ollie
oscar ossie
pamela pam
patricia pat patty trish tricia
patrick pat paddy
paul pablo paolo pavel
penelope penny
peter pete pierre pedro pietro piet petr
philip phil phillip philippe felipe
rachel rae
raymond ray ramon raimund
rebecca becky becca
reginald reg reggie
ricardo rick richard
richard rick dick rich richie ricky
robert bob rob bobby robbie bert roberto robin
roger rodge
ronald ron ronnie ronny
rosemary rose rosie
rudolph rudy rolf rudolf
russell russ
samantha sam
samuel sam sammy
sarah sally sara sadie
sebastian seb bastian
sharon shari
sidney sid
simon sim
sophia sophie sofia
stanley stan
stephanie steph steffi
stephen steve steven stevie stefan stephane esteban stefano
stewart stuart stu
susan sue susie suzy susanne suzanne
sylvester sly
terence terry
theodore ted theo teddy
theresa terry tess tessa teresa therese
thomas tom tommy tomas
timothy tim timmy
tobias toby
valerie val
vanessa nessa
veronica ronnie vera
victor vic viktor vittorio
victoria vicky vic tori
vincent vince vinny vincenzo
virginia ginny
walter walt wally
wilhelm willi willy
william bill will billy willie guillaume guillermo wilhelm willem liam
yvonne yve
zachary zach zack
"""

#: What makes the name of a woman of that of a man.
_FEMININE = frozenset("a ia ina ine ella elle lle le ette etta".split())
#: Name → the sets it belongs to.
GROUPS = {}
for _number, _line in enumerate(_SETS.split("\n")):
    for _name in _line.split():
        GROUPS.setdefault(_name, set()).add(_number)


def are_variants(one, other):
    """Say whether two given names may be one person's.

    >>> are_variants("bob", "robert"), are_variants("bob", "bill")
    (True, False)
    """
    groups = GROUPS.get(one)
    return groups is not None and not groups.isdisjoint(GROUPS.get(other, ()))


def are_man_and_woman(one, other):
    """Say whether two words are the two forms of one given name.

    >>> are_man_and_woman("daniel", "danielle"), are_man_and_woman("daniel", "danil")
    (True, False)
    """
    shorter, longer = sorted((one, other), key=len)
    return (
        shorter in GROUPS
        and longer.startswith(shorter)
        and longer[len(shorter) :] in _FEMININE
        and not are_variants(one, other)
    )


def is_known_name(words):
    """Say whether one of these words is a given name for sure, or a generation.

    >>> is_known_name("daniel x"), is_known_name("jr"), is_known_name("ortiz")
    (True, True, False)
    """
    return any(
        word in GROUPS
        or word in GENERATIONS
        or any(word.removesuffix(end) in GROUPS for end in _FEMININE)
        for word in words.split()
    )
