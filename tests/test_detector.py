from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from align.boundaries import sentences_of
from align.detector import LangdetectDetector, _factory
from align.forms import table
from align.settings import Settings

ARTICLES = {
    "en": "The minister arrived on Wednesday and met the president, who had been waiting since the morning.",
    "pl": "Minister przyjechał w środę i spotkał się z prezydentem, który czekał na niego od samego rana.",
    "de": "Der Minister traf am Mittwoch ein und sprach mit dem Präsidenten, der seit dem Morgen gewartet hatte.",
    "fr": "Le ministre est arrivé mercredi et a rencontré le président, qui l'attendait depuis le matin.",
    "uk": "Міністр прибув у середу і зустрівся з президентом, який чекав на нього від самого ранку.",
    "ka": "მინისტრი ოთხშაბათს ჩავიდა და პრეზიდენტს შეხვდა, რომელიც დილიდან ელოდა მას.",
    "hy": "Նախարարը ժամանեց չորեքշաբթի օրը և հանդիպեց նախագահին։",
    "zh-CN": "部长星期三抵达，会见了从早上就开始等待他的总统。双方讨论了新的合作协议。",
}


@pytest.mark.parametrize(("lang", "text"), ARTICLES.items())
def test_articles(lang: str, text: str) -> None:
    assert LangdetectDetector().detect(text).lang == lang


@pytest.mark.parametrize("text", ["", "12345 67 – 89", "!!! ... ???", "\n\n"])
def test_text_without_letters_is_undetermined(text: str) -> None:
    assert LangdetectDetector().detect(text) == ("und", 0)


def test_the_same_text_gives_the_same_answer() -> None:
    ambiguous = "Madrid Paris Roma taxi hotel restaurant"
    assert len({LangdetectDetector().detect(ambiguous) for _ in range(20)}) == 1


def test_a_long_article_is_read_to_its_end() -> None:
    quoted = f"{ARTICLES['fr']}\n" * 120  # more than langdetect reads at once
    article = f"{ARTICLES['pl']}\n" * 480
    assert LangdetectDetector().detect(quoted + article).lang == "pl"


@pytest.fixture
def not_loaded() -> Iterator[None]:
    """A process that has not read langdetect's profiles yet."""
    _factory.cache_clear()
    yield
    _factory.cache_clear()


@pytest.mark.usefixtures("not_loaded")
def test_ctrl_c_while_langdetect_reads_its_profiles_is_no_answer() -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("langdetect.detector_factory.DetectorFactory.add_profile", interrupted)
        with pytest.raises(KeyboardInterrupt):
            LangdetectDetector().detect("It rained.")
    assert LangdetectDetector().detect(ARTICLES["pl"]).lang == "pl"


@pytest.mark.usefixtures("not_loaded")
def test_threads_that_come_first_together_wait_for_the_profiles() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(LangdetectDetector().detect, list(ARTICLES.values()) * 2))
    assert [lang for lang, _ in found] == list(ARTICLES) * 2


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("zh-TW", "部長星期三抵達，會見了從早上就開始等待他的總統。雙方討論了新的合作協議。"),
        ("zh-TW", "總統朴正浩（박정호）星期三抵達，會見了從早上就開始等待他的記者。雙方討論了新的合作協議。"),
        ("zh-CN", "部长看了日本电影《となり》，然后会见了从早上就开始等待他的总统。"),
        ("zh-CN", "电影《Old Town》由 Harper 出品，今日在各地上映，导演是 Miller。"),
        ("ja", "大臣は水曜日に到着し、朝から待っていた大統領と会談した。"),
        ("ko", "長官은 水曜日에 到着하여 大統領과 새 協定을 論議하였다."),
        ("or", "ମନ୍ତ୍ରୀ ବୁଧବାର ପହଞ୍ଚିଲେ ଏବଂ ରାଷ୍ଟ୍ରପତିଙ୍କୁ ଭେଟିଲେ।"),
    ],
)
def test_languages_of_asia_are_told_by_their_scripts(lang: str, text: str) -> None:
    assert LangdetectDetector().detect(text).lang == lang


TOLD = [
    (
        "as",
        "বুধবাৰে ৰাতি তলৰ ঘাটৰ ওচৰৰ বন্দৰত এটা গুদামত জুই লাগিল বুলি আৰক্ষীয়ে জনাইছে। কোনো আহত হোৱা "
        "নাই, কিন্তু বিশজন শ্ৰমিকে ভৱনটো এৰিবলগীয়া হ'ল। প্ৰহৰী ৰমেন শৰ্মাই ক'লে, \"আমি বিস্ফোৰণৰ শব্দ "
        "শুনি লগে লগে বাহিৰলৈ দৌৰিলোঁ।\" নগৰৰ মেয়ৰে প্ৰতিষ্ঠানটোক সহায়ৰ প্ৰতিশ্ৰুতি দিয়ে, য'ত এশ "
        "লোকে কাম কৰে।",
    ),
    (
        "az",
        "Çərşənbəyə keçən gecə Aşağı Keçid yaxınlığındakı limanda anbar yanıb, deyə polis məlumat "
        "verib. Heç kim xəsarət almayıb, amma iyirmi işçi binanı tərk etməli olub. “Biz partlayış "
        "səsi eşidib dərhal bayıra qaçdıq”, — deyə gözətçi Əli Məmmədov bildirib. Şəhər icra başçısı "
        "yüz nəfərin işlədiyi müəssisəyə kömək vəd edib. Qonşu şəhərdən gələn yanğınsöndürənlər "
        "yalnız bir saat sonra çatıblar, çünki körpü təmirə bağlanıb. Türkiyəli sürücü jurnalistlərə "
        "“Hiçbir şey görmedim, sadece duman vardı” deyib.",
    ),
    (
        "ba",
        "Шаршамбыға ҡаршы төндә Түбәнге Кисеү янындағы портта келәт янған, тип хәбәр итте полиция. "
        "Бер кем дә зыян күрмәгән, әммә егерме эшсе бинанан сығырға мәжбүр булған. «Беҙ шартлау "
        "тауышын ишетеп, шунда уҡ урамға йүгерҙек», — тине ҡарауылсы Рөстәм Хәсәнов.",
    ),
    (
        "be",
        "Пажар у ноч на сераду знішчыў склад у порце каля Ніжняга Броду, паведаміла міліцыя. Ніхто не "
        "пацярпеў, але дваццаць рабочых мусілі пакінуць будынак. «Мы пачулі выбух і адразу выбеглі на "
        "вуліцу», — сказаў вартаўнік Мікола Жук. Мэр горада Вольга Кавалёва паабяцала дапамогу "
        "прадпрыемству, дзе працуе сто чалавек. Пажарныя з суседняга горада прыехалі толькі праз "
        "гадзіну, бо мост зачынены на рамонт. Прычына пажару пакуль невядомая, следства вядзе "
        "пракуратура. Расейскі кіроўца заявіў журналістам: «Я ничего не видел, только дым».",
    ),
    (
        "bua",
        "Улаан-Үдэ хотодо шэнэ һургуули нээгдэбэ. Тэндэ зуу гаран хүүгэд һураха юм. Һургуулиин "
        "захирал баярай ёһолол дээрэ энээн тухай хөөрэбэ.",
    ),
    (
        "ckb",
        "لە شەوی چوارشەممەدا کۆگایەک لە بەندەری نزیک دۆڵی خواروو سووتا، پۆلیس ڕایگەیاند. کەس بریندار "
        "نەبوو، بەڵام بیست کرێکار ناچار بوون باڵەخانەکە چۆڵ بکەن. پاسەوان ئازاد ڕەشید گوتی: «گوێمان "
        "لە تەقینەوەیەک بوو و یەکسەر چووینە دەرەوە.» سەرۆکی شارەوانی بەڵێنی یارمەتی بە کۆمپانیاکە دا، "
        "کە سەد کەس تێیدا کار دەکەن.",
    ),
    (
        "cv",
        "Шупашкарта ҫӗнӗ шкул уҫӑлчӗ. Унта ҫӗр ытла ача вӗренӗ. Шкул директорӗ савӑнӑҫлӑ пухура ҫакӑн "
        "ҫинчен каласа пачӗ.",
    ),
    (
        "eo",
        "Fajro detruis magazenon en la haveno apud Suba Vado en la nokto antaŭ merkredo, sciigis la "
        'polico. Neniu estis vundita, sed dudek laboristoj devis forlasi la konstruaĵon. "Ni aŭdis '
        'eksplodon kaj tuj elkuris," diris la gardisto Petro Ŝmit. La urbestrino promesis helpon al '
        "la entrepreno, kie laboras cent homoj. La fajrobrigado el la najbara urbo alvenis nur post "
        "unu horo, ĉar la ponto estas fermita pro riparado. La kaŭzo de la fajro ankoraŭ ne estas "
        "konata, kaj la prokuroro esploras ĝin. Ĉiuj loĝantoj rajtis reveni hejmen je la sesa.",
    ),
    (
        "fo",
        "Eldur oyddi eina goymslu við havnina í Niðaravaði náttina til mikudag, sigur løgreglan. "
        "Eingin fekk skaða, men tjúgu starvsfólk máttu fara úr bygninginum. „Vit hoyrdu eitt brak og "
        "runnu beint út,“ segði vaktarin Jógvan Højgaard. Borgarstjórin Sigrið Joensen lovaði "
        "fyritøkuni hjálp, har hundrað fólk arbeiða. Sløkkiliðið úr grannabýnum kom ikki fyrr enn ein "
        "tíma seinni, tí brúgvin er stongd vegna umvæling. Orsøkin til eldin er ikki greið enn, og "
        "løgreglan kannar málið.",
    ),
    (
        "is",
        "Eldur eyðilagði vöruhús við höfnina í Neðravaði aðfaranótt miðvikudags, að sögn lögreglu. "
        "Enginn slasaðist, en tuttugu starfsmenn þurftu að yfirgefa húsið. „Við heyrðum sprengingu og "
        "hlupum strax út,“ sagði vaktmaðurinn Guðmundur Þórðarson. Bæjarstjórinn Sigríður Jónsdóttir "
        "hét fyrirtækinu aðstoð, en þar vinna hundrað manns. Slökkviliðið úr næsta bæ kom ekki fyrr "
        "en eftir klukkutíma, því að brúin er lokuð vegna viðgerða. Norski bílstjórinn sagði við "
        "blaðamenn: „Jeg så bare røyk over havnen.“",
    ),
    (
        "kk",
        "Сәрсенбіге қараған түні Төменгі Өткел маңындағы портта қойма өртенді, деп хабарлады полиция. "
        "Ешкім зардап шеккен жоқ, бірақ жиырма жұмысшы ғимараттан шығуға мәжбүр болды. «Біз жарылыс "
        "дыбысын естіп, бірден далаға жүгірдік», — деді күзетші Қайрат Әбенов. Қала әкімі жүз адам "
        "жұмыс істейтін кәсіпорынға көмек көрсетуге уәде берді. Көрші қаладан келген өрт сөндірушілер "
        "бір сағаттан кейін ғана жетті, себебі көпір жөндеуге жабылған. Ресейлік жүргізуші: «Я ничего "
        "не видел, только дым», — деді журналистерге.",
    ),
    (
        "ku",
        "Agirekî di şeva çarşemê de depoyek li bendera nêzîkî Geliyê Jêrîn şewitand, polîsan got. Kes "
        'birîndar nebû, lê bîst karker neçar man ku avahiyê vala bikin. "Me dengê teqînê bihîst û em '
        'yekser derketin derve," got pasewan Azad Reşîd.',
    ),
    (
        "ky",
        "Шаршембиге караган түнү Төмөнкү Өткөөл жанындагы портто кампа өрттөнүп кетти, деп билдирди "
        "милиция. Эч ким жабыркаган жок, бирок жыйырма жумушчу имараттан чыгууга аргасыз болду. «Биз "
        "жарылууну угуп, дароо сыртка чуркадык», — деди кароолчу Кубан Жээнбеков. Шаардын мэри жүз "
        "киши иштеген ишканага жардам берүүгө убада кылды. Коңшу шаардан келген өрт өчүргүчтөр бир "
        "сааттан кийин гана жетти, анткени көпүрө оңдоого жабылган. Өрттүн себеби азырынча белгисиз, "
        "ишти прокуратура териштирүүдө. Окуядан кийин өкмөт мүчөлөрү жаңы эрежелерди талкуулады.",
    ),
    (
        "mn",
        "Лхагва гарагт шилжих шөнө Доод Гарам орчмын боомтод агуулах шатсан гэж цагдаагийн газар "
        "мэдээллээ. Хэн ч гэмтээгүй боловч хорин ажилчин барилгаас гарахаас өөр аргагүй болжээ. «Бид "
        "дэлбэрэлт сонсоод шууд гадагш гүйсэн» гэж харуул Батбаяр хэлэв. Хотын дарга зуун хүн "
        "ажилладаг үйлдвэрт тусална гэж амлалаа. Хөрш хотын гал сөнөөгчид нэг цагийн дараа л ирсэн, "
        "учир нь гүүрийг засварын улмаас хаасан байв. Казах жолооч Қайрат «түтін ғана көрдім» гэж "
        "хэлжээ. Галын шалтгаан одоогоор тодорхойгүй байгаа юм.",
    ),
    (
        "mt",
        "Nirien qered maħżen fil-port qrib Wied t'Isfel fil-lejl ta' bejn it-Tlieta u l-Erbgħa, qalet "
        "il-pulizija. Ħadd ma weġġa', iżda għoxrin ħaddiem kellhom joħorġu mill-bini. \"Smajna "
        "splużjoni u ġrejna 'l barra mill-ewwel,\" qal il-gwardjan Ġorġ Camilleri.",
    ),
    (
        "ps",
        "د چهارشنبې په شپه د ښکته درې بندر ته نږدې یو ګودام وسوځېد، پولیسو وویل. هېڅوک ټپي نه شول، خو "
        "شل کارګران اړ شول چې ودانۍ پرېږدي. ساتونکي احمد خان وویل: «موږ چاودنه واورېده او سمدستي بهر "
        "ووتلو.» د ښار مشر له شرکت سره د مرستې ژمنه وکړه، چې سل کسان پکې کار کوي.",
    ),
    (
        "sah",
        "Дьокуускай куоракка саҥа оскуола аһылынна. Манна сүүсчэкэ оҕо үөрэниэҕэ. Оскуола дириэктэрэ "
        "үөрүүлээх мунньахха бу туһунан кэпсээтэ.",
    ),
    (
        "sd",
        "اربع جي رات هيٺئين گهٽ ڀرسان بندرگاهه ۾ هڪ گودام سڙي ويو، پوليس ٻڌايو. ڪو به زخمي نه ٿيو، پر "
        "ويهه مزدورن کي عمارت ڇڏڻي پئي. چوڪيدار احمد ڀٽي چيو: ”اسان ڌماڪو ٻڌو ۽ هڪدم ٻاهر ڊوڙياسين.“ "
        "شهر جي ميئر ڪمپني کي مدد جو واعدو ڪيو، جنهن ۾ سؤ ماڻهو ڪم ڪن ٿا.",
    ),
    (
        "sr",
        "Пожар је у ноћи између уторка и среде уништио магацин у луци код Доњег Брода, саопштила је "
        "полиција. Нико није повређен, али је двадесетак радника морало да напусти зграду. „Чули смо "
        "експлозију и одмах кренули напоље“, рекао је чувар Горан Ђурић. Градоначелница Весна "
        "Марковић обећала је помоћ предузећу, које запошљава стотину људи. Македонски возач је "
        "новинарима рекао: „Не знам што се случи, само видов чад.“",
    ),
    (
        "tg",
        "Шаби чоршанбе дар бандари назди Гузаргоҳи Поён анбор оташ гирифт, хабар дод милиса. Касе "
        "осеб надид, аммо бист коргар маҷбур шуданд, ки биноро тарк кунанд. «Мо садои таркишро "
        "шунида, фавран ба берун давидем», гуфт посбон Ҷамшед Раҳимов. Раиси шаҳр ба корхонае, ки дар "
        "он сад нафар кор мекунад, ваъдаи кӯмак дод. Оташнишонҳои шаҳри ҳамсоя танҳо баъди як соат "
        "расиданд, зеро пул барои таъмир баста аст. Сабаби сӯхтор ҳанӯз маълум нест ва тафтишотро "
        "прокуратура мебарад. Ин хабарро вазорати корҳои дохилӣ низ тасдиқ кард.",
    ),
    (
        "tk",
        "Çarşenbä geçilýän gije Aşaky Geçelge ýakynyndaky portda ammar ýandy, diýip polisiýa habar "
        "berdi. Hiç kim zyýan çekmedi, ýöne ýigrimi işçi binany terk etmäge mejbur boldy. «Biz "
        "partlama sesini eşidip, derrew daşary çykdyk» diýip garawul Myrat Annaýew aýtdy.",
    ),
    (
        "tt",
        "Чәршәмбегә каршы төндә Түбән Кичү янындагы портта склад янган, дип хәбәр итте полиция. "
        "Беркем дә зыян күрмәгән, ләкин егерме эшче бинадан чыгарга мәҗбүр булган. «Без шартлау "
        "тавышын ишетеп, шунда ук урамга йөгердек», — диде каравылчы Рөстәм Хәсәнов.",
    ),
    (
        "ug",
        "چارشەنبە كېچىسى تۆۋەن ئۆتكەل يېنىدىكى پورتتا بىر ئامبارغا ئوت كەتتى، دەپ خەۋەر قىلدى ساقچى. "
        "ھېچكىم يارىلانمىدى، ئەمما يىگىرمە ئىشچى بىنادىن چىقىشقا مەجبۇر بولدى. «بىز پارتلاش ئاۋازىنى "
        "ئاڭلاپ، دەرھال سىرتقا يۈگۈردۇق»، دېدى قاراۋۇل ئەخمەت.",
    ),
    (
        "uz",
        "Чоршанбага ўтар кечаси Қуйи Кечув яқинидаги портда омбор ёниб кетди, деб хабар берди "
        "милиция. Ҳеч ким жабр кўрмади, аммо йигирма ишчи бинони тарк этишга мажбур бўлди. «Биз "
        "портлаш овозини эшитиб, дарҳол ташқарига югурдик», — деди қоровул Жамшид Раҳимов.",
    ),
]
"""Articles in languages that langdetect takes for others, with names and quotations from these."""

NEIGHBOURS = [
    (
        "ar",
        "التهمت النيران ليلة الأربعاء مستودعا في الميناء قرب الوادي الأسفل، حسبما أعلنت الشرطة. ولم "
        "يصب أحد، لكن عشرين عاملا اضطروا إلى مغادرة المبنى. وقال الحارس أحمد رشيد: «سمعنا انفجارا "
        "وخرجنا فورا». ووعد رئيس البلدية بمساعدة الشركة التي يعمل فيها مئة شخص. ووصل رجال الإطفاء بعد "
        "ساعة لأن الجسر مغلق للإصلاح. وقال السائق الكردي: «هیچم نەدی، تەنیا دووکەڵم بینی».",
    ),
    (
        "bg",
        "Пожар в нощта срещу сряда унищожи склад в пристанището край Долни брод, съобщи полицията. "
        "Няма пострадали, но двайсетина работници трябваше да напуснат сградата. „Чухме взрив и "
        "веднага излязохме навън“, каза пазачът Георги Жеков. Кметицата Весна Маркова обеща помощ на "
        "предприятието, в което работят сто души. Пожарникарите от съседния град пристигнаха чак след "
        "час, защото мостът е затворен за ремонт. Сръбският шофьор Ђорђе Ћирић каза: „Не знам шта се "
        "догодило, видео сам само дим.“",
    ),
    (
        "bn",
        "বুধবার রাতে নিচু ঘাটের কাছে বন্দরে একটি গুদামে আগুন লাগে বলে পুলিশ জানিয়েছে। কেউ আহত হয়নি, "
        'কিন্তু বিশজন শ্রমিককে ভবন ছাড়তে হয়। প্রহরী রমেন শর্মা বলেন, "আমরা বিস্ফোরণের শব্দ শুনে '
        'সঙ্গে সঙ্গে বাইরে দৌড়ে যাই।" শহরের মেয়র প্রতিষ্ঠানটিকে সাহায্যের প্রতিশ্রুতি দেন। অসমীয়া '
        'চালক বলেন, "মই একো দেখা নাই, কেৱল ধোঁৱাহে দেখিছোঁ ৰাতি।" আগুনের কারণ এখনও জানা যায়নি।',
    ),
    (
        "da",
        "En brand ødelagde natten til onsdag et lager på havnen ved Nedre Vad, oplyser politiet. "
        "Ingen kom til skade, men tyve ansatte måtte forlade bygningen. »Vi hørte en eksplosion og "
        "løb straks ud,« sagde vagten Guðmundur Þórðarson. Borgmester Sigrid Hansen lovede "
        "virksomheden hjælp. Brandvæsenet fra nabobyen kom først efter en time, fordi broen er lukket "
        "for reparation. En færing sagde: »Eg sá bara royk yvir havnini, tað var ræðuligt.«",
    ),
    (
        "de",
        "Ein Feuer hat in der Nacht zum Mittwoch ein Lager im Hafen zerstört, teilte die Polizei mit. "
        "Niemand wurde verletzt, aber zwanzig Beschäftigte mussten das Gebäude verlassen. „Wir hörten "
        "eine Explosion und liefen sofort hinaus“, sagte der Wächter Jürgen Größl. Die "
        "Bürgermeisterin versprach dem Betrieb Hilfe. Die türkische Fahrerin Ayşe Yıldız sagte: "
        "„Hiçbir şey görmedim.“",
    ),
    (
        "en",
        "A fire destroyed a warehouse in the port near Seyðisfjörður on the night to Wednesday, "
        'police said. Nobody was hurt, but twenty workers had to leave the building. "We heard an '
        'explosion and ran out at once," said the guard, Guðmundur Þórðarson. Mayor Sigríður '
        'Þorvaldsdóttir promised help. The Azerbaijani driver, Əli Məmmədov, said: "Mən heç nə '
        'görmədim, yalnız tüstü vardı." The cause of the fire is not known, Guðmundur Þórðarson said, '
        "and the bridge is closed.",
    ),
    (
        "et",
        "Tulekahju hävitas ööl vastu kolmapäeva lao sadamas Alamkoole lähedal, teatas politsei. Keegi "
        'viga ei saanud, kuid kakskümmend töölist pidid hoonest lahkuma. "Kuulsime plahvatust ja '
        'jooksime kohe õue," ütles valvur Jüri Mägi. Tuletõrjujad jõudsid kohale alles tunni pärast, '
        "sest sild on remondi tõttu suletud.",
    ),
    (
        "fa",
        "شامگاه سه‌شنبه انباری در بندر نزدیک دره پایین آتش گرفت، پلیس اعلام کرد. کسی آسیب ندید، اما "
        "بیست کارگر مجبور شدند ساختمان را ترک کنند. نگهبان احمد رشیدی گفت: «صدای انفجار را شنیدیم و "
        "فوراً بیرون دویدیم.» شهردار به شرکتی که صد نفر در آن کار می‌کنند وعده کمک داد. آتش‌نشانان "
        "شهر همسایه یک ساعت بعد رسیدند، چون پل برای تعمیر بسته است. راننده کرد گفت: «هیچم نەدی، تەنیا "
        "دووکەڵم بینی.»",
    ),
    (
        "fi",
        "Tulipalo tuhosi keskiviikon vastaisena yönä varaston satamassa Alakahlaamon lähellä, poliisi "
        "kertoo. Kukaan ei loukkaantunut, mutta kahdenkymmenen työntekijän täytyi lähteä "
        'rakennuksesta. "Kuulimme räjähdyksen ja juoksimme heti ulos", sanoi vartija Pekka Mäkelä. '
        "Myös äänekäs hälytys häiritsi työtä yöllä, kertoivat väsyneet kävijät.",
    ),
    (
        "hu",
        "Tűz pusztított el szerdára virradó éjjel egy raktárt a kikötőben, közölte a rendőrség. Senki "
        "sem sérült meg, de húsz munkásnak el kellett hagynia az épületet. „Robbanást hallottunk, és "
        "azonnal kifutottunk” – mondta Kővári Gergő őr. A szomszéd városból érkező tűzoltók csak egy "
        "óra múlva értek oda, mert a hidat felújítás miatt lezárták.",
    ),
    (
        "mk",
        "Пожар во ноќта меѓу вторник и среда уништи магацин во пристаништето кај Долни Брод, соопшти "
        "полицијата. Никој не е повреден, но дваесетина работници мораа да ја напуштат зградата. "
        "„Слушнавме експлозија и веднаш тргнавме надвор“, рече чуварот Горан Ѓуриќ. Градоначалничката "
        "Весна Марковиќ вети помош за претпријатието, кое вработува сто луѓе. Пожарникарите од "
        "соседниот град стигнаа дури по еден час, бидејќи мостот е затворен поради поправка. Српски "
        "возач изјави: „Не знам шта се догодило, само сам видео дим.“",
    ),
    (
        "no",
        "En brann ødela natt til onsdag et lager i havnen ved Nedre Vad, opplyser politiet. Ingen ble "
        "skadet, men tjue ansatte måtte forlate bygningen. «Vi hørte en eksplosjon og løp rett ut», "
        "sa vekteren Guðmundur Þórðarson, som er fra Seyðisfjörður. Ordfører Sigrid Hansen lovet "
        "bedriften hjelp. Brannvesenet fra nabobyen kom først etter en time, fordi broen er stengt "
        "for reparasjon. En islandsk sjåfør sa: «Ég sá ekkert nema reyk yfir höfninni, það var "
        "skelfilegt.»",
    ),
    (
        "ru",
        "Пожар в ночь на среду уничтожил склад в порту у Нижнего Брода, сообщила полиция. Никто не "
        "пострадал, но двадцать рабочих вынуждены были покинуть здание. «Мы услышали взрыв и сразу "
        "выбежали на улицу», — сказал сторож Николай Жук. Глава города Ольга Ковалёва обещала помощь "
        "предприятию, где работает сто человек. Пожарные из соседнего города приехали только через "
        "час, потому что мост закрыт на ремонт. Водитель из Казахстана Қайрат Әбенов сказал: «Мен "
        "ештеңе көрген жоқпын, тек түтін ғана болды». Причина пожара неизвестна, следствие ведёт "
        "прокуратура.",
    ),
    (
        "sk",
        "Požiar v noci na stredu zničil sklad v prístave pri Dolnom Brode, oznámila polícia. Nikto "
        "nebol zranený, ale dvadsať robotníkov muselo opustiť budovu. „Počuli sme výbuch a hneď sme "
        "vybehli von,“ povedal strážnik Ján Ďurica. Nový most je uzavretý pre opravy, takže hasiči "
        "prišli až o hodinu neskôr, keď už bol celý sklad zničený.",
    ),
    (
        "sv",
        "En brand förstörde natten till onsdag ett lager i hamnen vid Nedre Vad, uppger polisen. "
        "Ingen skadades, men tjugo anställda fick lämna byggnaden. ”Vi hörde en explosion och sprang "
        "genast ut”, sade vakten Guðmundur Þórðarson. Kommunalrådet Sigrid Hansson lovade företaget "
        "hjälp. Brandkåren från grannstaden kom först efter en timme, eftersom bron är stängd för "
        "reparation. Orsaken är ännu okänd.",
    ),
    (
        "tr",
        "Çarşambaya bağlanan gece Aşağı Geçit yakınındaki limanda bir depo yandı, polis açıkladı. "
        "Kimse yaralanmadı, ancak yirmi işçi binayı terk etmek zorunda kaldı. “Patlama sesini duyduk "
        "ve hemen dışarı koştuk” dedi bekçi Mehmet Yılmaz. Belediye başkanı, yüz kişinin çalıştığı "
        "işletmeye yardım sözü verdi. Komşu şehirden gelen itfaiyeciler ancak bir saat sonra ulaştı, "
        "çünkü köprü onarım için kapatılmıştı. Azerbaycanlı sürücü Əli Məmmədov “Mən heç nə görmədim, "
        "yalnız tüstü vardı” dedi.",
    ),
    (
        "uk",
        "Пожежа в ніч на середу знищила склад у порту біля Нижнього Броду, повідомила поліція. Ніхто "
        "не постраждав, але двадцять робітників мусили залишити будівлю. «Ми почули вибух і відразу "
        "вибігли надвір», — сказав сторож Микола Жук. Міська голова Ольга Ковальова пообіцяла "
        "допомогу підприємству, де працює сто людей. Пожежники із сусіднього міста приїхали лише за "
        "годину, бо міст зачинено на ремонт. Білоруський водій сказав: «Я нічога не бачыў, толькі "
        "дым».",
    ),
    (
        "ur",
        "بدھ کی رات نچلی گھاٹی کے قریب بندرگاہ میں ایک گودام جل گیا، پولیس نے بتایا۔ کوئی زخمی نہیں "
        "ہوا، لیکن بیس مزدوروں کو عمارت چھوڑنی پڑی۔ چوکیدار احمد بھٹی نے کہا: ”ہم نے دھماکہ سنا اور "
        "فوراً باہر بھاگے۔“ شہر کے میئر نے کمپنی کو مدد کا وعدہ کیا جس میں سو لوگ کام کرتے ہیں۔ پڑوسی "
        "شہر سے فائر بریگیڈ ایک گھنٹے بعد پہنچی کیونکہ پل مرمت کے لیے بند ہے۔ سندھی ڈرائیور نے کہا: "
        "”مون ڪجهه به نه ڏٺو، رڳو دونهون هو.“",
    ),
]
"""Articles in their neighbours, with names and quotations from them."""


@pytest.mark.parametrize(("lang", "text"), TOLD)
def test_languages_that_langdetect_lacks_are_told_by_their_letters(lang: str, text: str) -> None:
    found, confidence = LangdetectDetector().detect(text)
    assert found == lang
    assert confidence > 0.9
    assert Settings(langs={"a": found}).langs == {"a": found}
    assert len(sentences_of(text, found)) >= 3


@pytest.mark.parametrize(("lang", "text"), NEIGHBOURS)
def test_names_and_quotations_do_not_decide(lang: str, text: str) -> None:
    assert LangdetectDetector().detect(text).lang == lang


def test_few_letters_leave_doubt() -> None:
    kyrgyz_or_mongolian = "түнкү өрт өчүрүлгөн"
    assert LangdetectDetector().detect(kyrgyz_or_mongolian).confidence < 0.9


def test_shares_of_letters_are_under_a_hundred_per_cent() -> None:
    assert all(sum(shares.values()) < 50 and min(shares.values()) > 0 for shares in table("letters").values())
