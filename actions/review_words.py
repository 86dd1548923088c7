"""What a resident says of a matter that was handled: satisfied or not, solved or not, contacted or not.

By rule, not by a model: the words come after the question whether it was solved, and a wrong reading
sends a department out again or closes a matter. What is not clear is None, and asked.
"""

from __future__ import annotations

import re

from actions.intake.words import asks
from desk.tickets.reviews.answer import Answer


def _any(alternatives: str) -> re.Pattern[str]:
    """One pattern of alternatives, which blanks part."""
    return re.compile("|".join(alternatives.split()), re.IGNORECASE)


_VERY = r"(?:非常|很|特别|十分|极其|极度|极|太|相当|超级?|最|万分|百分(?:之)?百|100%|完全)的?地?"
_AWFUL = r"(?:太|很|非常|特别|极|十分|极其|实在|真|简直)(?:是|的)?"
# So many stars, no hotel and no weekday.
_STARS = r"颗?星(?!级|期|酒)"
_NOT_TWELVE = r"(?<![0-9十一二三四五六七八九])"

# Other ways to write or to say “不满意”.
_WRITTEN = (
    (re.compile("滿"), "满"),
    (re.compile("(勿|唔|毋|bu|bù|冇|莫|弗)(?=.{0,2}满意)", re.IGNORECASE), "不"),
    (re.compile("[⭐★🌟]\ufe0f?"), "★"),
)
_WHETHER = re.compile(r"[了好完过]没(有)?(人)?[？?\s啊呀]*$|有没有|是不是|[好修办来]没[好修办来]")
_CLAUSE = re.compile(r"[，。,;；！!~～、…\s]+|但是?|不过|就是(?=[慢有太没])|可是|只是|然而")
# Someone else's satisfaction, or one that is only hoped for, or not meant.
_NOBODYS = _any(r"""
    (你们?|您|领导|他们?|她们?|上面|人家|物业|老板).{0,3}(满意|开心)(就|了)
    满意度?(调查|度怎么|表)  满不满意  不敢.{0,3}不满意  呵呵
    (希望|争取|力求|期待|盼).{0,12}(满意|解决)
""")
# Before the praise comes what has not happened yet.
_NOT_YET = _any(r"""
    (等|如果|要是|假如|除非|只要|何时|[什啥]么?时候|哪天).{0,12}([修弄办搞装清换]|解决|处理|落实).{0,8}[就再才满评星]
    ([修弄办搞装清换][好完]|解决|处理好?)了?我?[就才再](能|会|可以|给|打|评|算|说|来|叫)*.{0,3}(满意|[五5]颗?星|好评|满分)
""")
_RHETORICAL = _any(r"""
    (会|能|该|应该|怎么可能|怎么会|凭什么|哪里|哪能|有什么(好|可))(让人|叫人|让我|我)?.{0,2}满意
""")
_CALLED_SOLVED = _any(r"""
    (这|这样|就|也)(也|就|都)?(叫|算|能叫|能算|好意思[说叫])(是|作|做)?.{0,2}(解决|[处办][理好]|[修弄]好|办[结完])
""")

# Tried in this order in each clause; the first that fits counts.
_LEVELS = (
    (5, _any("(不能|没法|无法|不可能)(再|更)(加)?满意 再满意不过 满意(极了|得不得了|死了|至极)")),
    (
        3,
        _any(r"""
            (不能|不好|没法|谈不上|说不上|算不上|也?不是)(说|算)?(是|我|有(多|什么))?不满意
            不满意(倒|也|都|还)?(谈|说|算)?不(上|至于|是)
        """),
    ),
    (
        4,
        _any(
            "没有?(什么|啥|任何|哪里|多少)?(好|可)?不满意 无(任何)?不满意 挑不出(什么)?(毛病|不好)"
        ),
    ),
    (
        1,
        _any(rf"""
            ({_VERY}|一点(儿)?[都也]?|根本|压根|丝毫|半点)不(太)?满意  满意个?(屁|鬼|头|锤|毛|啥|什么)
            {_AWFUL}(差|烂|糟|垃圾(?!清)|失望|过分|恶劣|离谱|敷衍|气人|不负责)
            差(劲|到|极|死|得)  烂透  极差  ^垃圾$  垃圾(服务|部门|单位|热线|处理)  糟糕?透  一塌糊涂
            失望透  透顶
            (?<![0-9])[零0]分(?!钟)  负分  零蛋  恶心  [负零0]{_STARS}
            星[都也]不(想|愿|会)?给  {_NOT_TWELVE}[一1]{_STARS}
        """),
    ),
    (3, _any("不是(很|太|相当|超)满意(?!$) 不是(非常|特别|十分|百分百|完全)满意")),
    (
        2,
        _any(rf"""
            不(是|能|够|太|怎么|咋|大|很|算|特别)*(让人|令人|叫人)?满意  没有?(让|叫|令)?(我|人)?满意
            (谈|说|算|称|够)不上.{{0,3}}满意  (难|没法|无法|很难|难以)(让人|令人)?满意  满意度?(不高|很?低)
            不(认可|接受|服|行|合格|到位|咋[样地的滴]|怎么(样|好|地)|好|地道|靠谱|像话|负责)
            差评  失望  糟糕?  敷衍  糊弄  忽悠  踢皮球  推诿  推来推去  走过场  应付  太慢  👎
            (?<![误相温])差(?!不|强|一点|点儿|几|额|价|旅|使)  {_NOT_TWELVE}[两二2]{_STARS}
        """),
    ),
    (
        3,
        _any(rf"""
            (基本上?|还算|勉强|大致|大体|勉勉强强|尚|还)(是|比较|挺)?满意
            一般  还(行|可以|过得去|凑合|好|成|ok)  (?<!不)凑[合活]  马马虎虎  马虎  过得去  差强人意  将就
            不好不坏  中规中矩  说得过去  勉强  差不多  就那样  中等  中评  及格  {_NOT_TWELVE}[三3]{_STARS}
        """),
    ),
    (
        5,
        _any(rf"""
            {_VERY}(是)?(满意|好|棒|赞|到位|认可)  [五5]{_STARS}  满[分星]  棒  点个?赞  一百个满意
        """),
    ),
    (
        4,
        _any(rf"""
            满意  好评  不错  [挺蛮]好  认可  可以的  [做办]得好  给力  没意见  👍
            ^也?可以[的啊吧呀]*$  ^行[的啊吧呀]*$  {_NOT_TWELVE}[四4]{_STARS}
        """),
    ),
)
_POINTS = re.compile(
    r"(?<![0-9:：点时.])(?P<points>100|[0-9]{1,2}|[一二两三四五六七八九十])分"
    r"(?![钟之开局店公管析明离钱队支享类批歧贝])"
)
_CHINESE = {word: n for n, word in enumerate("零一二三四五六七八九十")} | {"两": 2}
# A share of the points there are, and the level it stands for.
_SHARES = ((0.9, 5), (0.75, 4), (0.6, 3), (0.3, 2))
# “十分满意”: a degree, not ten points.
_DEGREE = re.compile(r"(?<![打给评得])十分(?=.)")

_DO = (
    "(?:修|弄|处理|解决|搞|换|清|装|补|办|整改|整|收拾|清理|打扫|填|疏通|治理|治|更换|安装|恢复|退|发|拆|搬|挪|移|拖|"
    "通|答复|落实)"
)
# What stops when it is solved.
_NUISANCE = (
    "(?:漏水?|吵|堵|臭|响|闹|扰民|积水|冒|晃|震|淹|塌|掉|乱停|乱放|停[水电]?|声音?|味道|味儿?|噪音)"
)
_NOT_AT_ALL = (
    "(?:没|没有|未|未能|没能|从没|并没|木有|冇)"
    "(?:人|谁|给|来|能|去|得到|真正|完全|彻底|实际|及时|怎么|任何人|好好|认真|全部?|根本)*"
)
_STILL = "(?:还|仍然?|依旧|依然|照样|照旧|继续)"
_UNSOLVED = _any(rf"""
    {_NOT_AT_ALL}(?:{_DO}|管|理|改|动(?!静)|上门|到场|看|露面|反应|下文|结果|用)(?!了)
    {_NOT_AT_ALL}(?:效果|变化|动静|改善|进展|干净|着落|亮|消息)(?!了)
    (?:没|没有|未)(?:见|看见|看到)?个?人(?:影|来|管|理|修|处理|上门|到场|解决|$)  没有?一个人来  没来  没好
    不(?:给|肯|想|愿意?|去)?(?:{_DO}|管|作为)(?!满|错)  {_DO}不(?:了|好|掉|彻底|完|干净|到位)
    {_STILL}[是在]?(?:那样|这样|原样|没(?!有?问题)|坏|漏|堵|吵|臭|不亮|不通|不行|黑|停|乱|存在|脏|响|冒|扰民|占)
    {_STILL}有(?:人|味|声|积水|垃圾|问题)  问题(?:还|依然|仍|依旧)在
    老样子  原封不动  又(?:坏|漏|堵|吵|停|不亮|来了|开始|出现|犯|响|臭|灭|断|塌|开裂|冒)  反弹  不亮$
    {_DO}了?(?:一半|一点点|一部分|半截)  (?:部分|只|才|仅){_DO}  治标不治本  白(?:跑|修|搞|说|弄|等)
    重办  重新(?:办|处理|修|来过|弄)  返工  虚?假(?:办结|解决|答复|回复)  无人(?:问津|处理|理睬|管)
    石沉大海  不了了之  糊弄  敷衍  一拖再拖  (?:根本|压根|完全)[就都]?没(?!(?:什么|有)?(?:问题|意见|毛病))
""")
_SOLVED = _any(rf"""
    {_DO}得?(?:已经|都|也)?(?:好|完|掉|妥当?|成|干净|走|到位|到账|正常|利索)(?:了|啦|嘞|咯|喽|的|$|谢)
    (?:已经?|全?都|全部?|也){_DO}(?:了|啦|$|好|完)  {_DO}了(?!一半|一点|个|半天|几|又|两|三|吗|没)
    ^(?:问题|事情|这事|事)?(?:已经?|都)?(?:得到)?解决(?:了|啦)?[吧的呀啊]?$  得到了?(?:妥善)?解决
    (?:灯|电|水|网|路|气|电梯|门|信号|管道|厕所)(?:都|也|已经|又)?(?:亮|来|通|有|热|能用|能坐|正常|畅通)[了啦]
    [来有通](?:水|电|气|暖|网)了  能(?:用|坐|走|过|洗|打开)了  正常(?:了|使用|运行)  (?:已经?|现在|都|又)好了
    (?:不|没有?|不再|没再)(?:再|这么|那么)?有?{_NUISANCE}了  没有?再{_NUISANCE}  [没不]有?再(?:发生|出现|犯|来)
    没有?(?:什么|啥|任何)?(?:问题|毛病|事儿?)(?:了|$)  搞定  妥了  ok了  效果(?:很|非常|特别)?(?:好|明显|不错)
""")
_REACH = "(?:联系|找|通知|回访|问|答复|回复|搭理)"
_NOBODY = "(?:没|没有|从没|从来没|未|无)(?:人|谁|单位|部门|给|跟|和|来|我)*"
_NOT_CONTACTED = _any(rf"""
    {_NOBODY}(?:打|回|来|接到|接|收到|{_REACH})过?(?:一个|任何|我|个)?(?:电话|回电|消息|信息|通知|我|$|过)
    没有?人{_REACH}  没{_REACH}过?我  电话[都也]没
""")
_CONTACTED = _any(r"""
    (?:打|来|接到|接|回|收到)[过了]?(?:我|一个|几个|好几个|他们|你们)?的?(?:电话|回电)  联系(?:过|了|上|到)我?
    上门(?:了|过|来|看|处理|检查|维修)  电话[里上](?:说|讲|解释)
    [给跟和]我(?:说|讲|解释|沟通|联系|道歉)(?:了|过|明白|清楚)
""")
_AGREES = _any(r"""
    (?:可以|同意|能|请|就|麻烦|直接|帮我)(?:给|把|这件|这个|工单|单子|诉求|他|它)*(?:办结|结[案单了束]|归档|关[闭单了]|销[案单])
    (?:不用|不必|不需要|无需)再?(?:管|处理|办|跟进|修|来人?|派人)(?:它|这事|这件)?了
""")
_REFUSES = _any("[不别没未](能|要|同意|许|准)")


def read_answer(text: str) -> Answer | None:
    """What a text says of how a matter was handled, None when it says nothing of it. The comment is
    left empty. The worse counts where a text says both (“态度满意，结果不满意”)."""
    for written, meant in _WRITTEN:
        text = written.sub(meant, text.strip())
    text = re.sub("★+", _counted, text)
    if _NOBODYS.search(text):
        return None
    if _CALLED_SOLVED.search(text) or _NOT_YET.search(text):
        return Answer(solved=False)
    if _RHETORICAL.search(text) and (asks(text) or re.search("[怎哪凭]", text)):
        return Answer(satisfaction=2)
    if asks(text) or _WHETHER.search(text):
        return None
    clauses = [clause for clause in _CLAUSE.split(text) if clause]
    levels = [level for clause in clauses if (level := _level(clause)) is not None]
    answer = Answer(
        contacted=_either(_CONTACTED, _NOT_CONTACTED, clauses),
        solved=_either(_SOLVED, _UNSOLVED, clauses),
        satisfaction=_weighed(levels),
    )
    return answer if answer != Answer() else None


def agrees_to_close(text: str) -> bool:
    """Whether the resident holds the matter to be over (“可以结案了”, “不用再管了”)."""
    return bool(_AGREES.search(text)) and not _REFUSES.search(text) and not asks(text)


def _counted(stars: re.Match[str]) -> str:
    return f"{len(stars[0])}星"


def _either(yes: re.Pattern[str], no: re.Pattern[str], clauses: list[str]) -> bool | None:
    if any(no.search(clause) for clause in clauses):
        return False
    return True if any(yes.search(clause) for clause in clauses) else None


def _weighed(levels: list[int]) -> int | None:
    """The worst when one is dissatisfied, else the last."""
    if not levels:
        return None
    return min(levels) if min(levels) <= 2 else levels[-1]


def _level(clause: str) -> int | None:
    pointed = _POINTS.search(_DEGREE.sub("很", clause))
    if pointed:
        return _of_points(pointed["points"])
    return next((level for level, pattern in _LEVELS if pattern.search(clause)), None)


def _of_points(written: str) -> int:
    """Points of 5, of 10 or of 100, whichever is the smallest that has so many."""
    points = _CHINESE[written] if written in _CHINESE else int(written)
    if points <= 5:
        return max(points, 1)
    share = points / (10 if points <= 10 else 100)
    return next((level for least, level in _SHARES if share >= least), 1)
