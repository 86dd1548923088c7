"""What short words mean when a question is open, and what can be read off a text without a model.

The model sees an answer without the question it answers; here the question is known, so the words of
a button and their like are read by rule.
"""

from __future__ import annotations

import re

from actions.intake.draft import Ask

# A longer text tells something besides.
_ANSWER = 12
_NO_WORD = re.compile(r"\W+")
_END = r"(?:[吧啊呀哦噢呢嘛哈的了]|谢谢[你您]?|麻烦了?|辛苦了|一下)*"
_YES = (
    r"(?:是|系|对|对头|嗯|恩|好[的滴嘞呀啊吧]?|行|可以|中|得|成|没错|没问题|没毛病|正确|确认|确定|"
    r"提交|要得?|需要|同意|愿意|ok|okay|yes|就这样|继续|填写|接着|登记|报上去)"
)

# Tried in this order: “算了” is no “了” after a yes, “不想说了” is more than “不想说”.
_MEANINGS = {
    "cancel": r"(?:我|那|就|还是|先|不用了|算了)*(?:取消|退出|返回|算了|得了|拉倒|放弃|作废|终止|结束|停止?|"
    r"别问了|不(?:报|登记)|不想?(?:报|说|弄|搞|填|整|反映|投诉|举报|登记|咨询|求助|建议|提)了)"
    rf"(?:登记|填写|反映|投诉|举报|本次)*{_END}",
    "ask_human": r"(?:我|请|帮我|麻烦|给我|快|要|想|找|转|接|叫|换|个|一下|到|你们)*"
    rf"(?:人工|真人|活人|坐席|接线员|工作人员)(?:客服|服务|坐席|来)*{_END}",
    "named": rf"(?:我|要|想|选|还是|就)*(?:实名|不(?:用|要|需要|必|想)?匿名)(?:举报|投诉|反映)?{_END}",
    "anonymous": rf"(?:我|要|想|选|还是|就)*匿名(?:举报|投诉|反映|提交)?{_END}",
    "skip": r"(?:这个|电话|我|就|还是|先)*(?:跳过|略过|不方便(?:说|留|透露|提供)?|不想(?:说|留|填|提供)|"
    r"不留|不填|不提供|没有?(?:电话|手机|号码)|保密|不说|空着)(?:电话|手机|号码)*" + _END,
    "none": rf"(?:(?:没有?|无|木有|没得|冇|不用?改){_END})+",
    "affirm": rf"(?:那|就|我|请|帮我|麻烦|不用改|没有?要改的)*(?:{_YES}{_END}|帮我)+",
    "thank": r"(?:好[的了吧]?|嗯|哦|噢|行|ok|那)*(?:(?:我|都|就)*(?:知道|晓得|明白|了解|清楚|懂|收到)了?)+"
    rf"{_END}(?:同志|领导|小应|再见|拜拜)*",
    "greet": r"(?:hi|hello|hey|halo|嗨|哈[喽罗啰])+",
    # What the city's wording tells residents to say must not depend on a model.
    "ask_progress": rf"(?:查询?|看看?|查看|查一下)*(?:我的(?:诉求|工单|进度)|进度){_END}",
    "ask_privacy": r"隐私(?:说明|政策|声明)?",
    "my_data": r"(?:查看|查询|查|导出|复制|删除|删掉)我的(?:个人)?(?:信息|数据|资料)",
    "urge": rf"(?:我要|帮我)*催办{_END}",
    "add_to_ticket": rf"(?:我要|再)*补充{_END}",
    "rate": r"(?:很|非常|比较|基本|还算)?(?:不?满意|重办).{0,14}",
    "deny": r"(?:我|先|这|那)*(?:(?:不要?|别)提交|不(?:是|对|用|要|需要|行|同意|准确|继续)?|否|错|有误?错?|no|"
    rf"要?修改|要?改|有问题){_END}",
}
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _MEANINGS.items()}
# What “没有” and “不填了” mean depends on the question.
_INSTEAD = {
    (Ask.PHONE, "none"): "skip",
    (Ask.PHONE, "deny"): "skip",
    (Ask.PLACE, "none"): "skip",
    (Ask.ANONYMITY, "none"): "deny",
    (Ask.RESUME, "none"): "deny",
    (Ask.OFFER, "none"): "deny",
    (Ask.WITHDRAW, "none"): "deny",
    (Ask.SUPPLEMENT, "none"): "cancel",
    (Ask.AMEND, "none"): "cancel",
}
_GIVES_NO_PHONE = re.compile(r"不(想)?[填说留]了")

_CORRECTS = re.compile(
    r"^(不对|不是|错了|搞错|说错|写错|打错|更正|更改|纠正|改一下|改下|修改|把.{1,12}(改|换)成)|"
    r"(说|写|打|报|填|弄|搞|记|识别)错了?|(地址|地点|位置|电话|号码|类型|分类|事项|内容|时间).{0,2}(错|不对)|"
    r"不是(咨询|投诉|举报|求助|建议|表扬|报修|报事)|改成|改为|换成|应该是|应为|上一步|(别|不要)(写|算)成|只是(想)?提|我?这是|"
    r"是[^，。是]{1,16}[，, ]?不是[^，。]{1,16}$"
)
# What a correction consists of besides the new value.
_CORRECTING = re.compile(
    r"刚才|刚刚|我|要|想|这个|那个|这里|那里|不对|不是|[说写打报填记识别弄搞]?错字?|更正|更改|纠正|"
    r"修改|改一?下?|重新|再?说|等等|稍等|的|了|吧|啊|有|一下|块|上一步|返回|里面?|是|地址|地点|位置|地方|定位|电话|"
    r"号码|手机号?|联系方式|还是|也|留|一个|换|用|打|加上?|类型|分类|事项|内容|描述|情况|时间|日期"
)
_QUESTION = re.compile(
    r"[?？]$|[吗么呢]$|^(请问|为什么|为啥|怎么|咋)|多久|多长时间|什么时候|啥时候|几天|如何|几号|是什么|在哪儿?办|"
    r"会不会|能不能|可不可以|要不要|是不是|干嘛|做什么用|有没有用|(要|能|可以|行|会|用|得|上班|开门).{0,8}不$"
)
# Questions about the handling itself.
_PROCESS = {
    "how_long": re.compile(
        r"(那|请问|一般|大概|这个|这种|这事|你们|提交后|报了|要|得|需要)*"
        r"(多久|多长时间|几天|多少天|什么时候|啥时候|何时|多快)才?(能|可以|会|给)?(有人)?"
        r"(处理|解决|办|修|弄|答复|回复|回应|结果|来|上门|办结|搞定|说法|联系我?)*(好|完|下来|得到)?"
        r"有?(结果|答复|回复|消息|人)?来?(处理|修|看|管)?"
    ),
    "who": re.compile(
        r"(那|请问|这个|这事|这种事)*(是|归|由|交给)?(谁|哪个部门|哪个单位|什么部门)来?"
        r"(处理|负责|管|办|办理|解决)"
    ),
    "free": re.compile(
        r"(那|请问|这个|这|是不是|会不会)*(要|用|需要|会)?(收费|收钱|花钱|要钱|免费|付钱|交钱)"
    ),
    "contact": re.compile(
        r"(那|请问|你们|到时候|之后|后面)*(会不会|会|要|有人)*(给我|跟我)?(打电话|回电话?|联系我?)(给我)?"
    ),
}
_AFTER_QUESTION = re.compile(r"[吗么呢啊呀吧的了]+$")
_ADDRESS = re.compile(
    r"[路街道巷弄号栋幢楼室村组区苑园镇乡县市桥口站湖河湾港门场厂寺坝坡岗]|单元|旁边|附近|对面|广场|医院|学校|大厦|"
    r"花园|公寓|隔壁"
)
_NOWHERE = re.compile(r"不清楚|不知道|不晓得|说不(清|上|准)|没有具体|不好说|记不(清|得)")
_ANOTHER = re.compile(
    r"^(另外|还有|再(?!见)|顺便|对了|还想|还要|我还?(也|要|想)+(投诉|举报|反映|咨询|报修|问))"
)
TYPES = {
    "咨询": "consultation",
    "投诉": "complaint",
    "举报": "violation",
    "求助": "help",
    "建议": "suggestion",
    "表扬": "praise",
    "报修": "incident",
    "报事": "incident",
}
_ANNOUNCED = re.compile(
    r"(另外|还有|顺便|对了|你好|您好|[，, ])*我?(还|也|就|再)*(要|想|来)(提|个|条|匿名|实名|再)*"
    rf"(?P<type>{'|'.join(TYPES)})"
)
_HOW = re.compile(
    r"怎么(?!没|还|不|又|老)|如何|咋(?!没|还|不|又|老)|多少|(什么|啥)(材料|条件|手续|时候|证|东西)|[在去到]哪|能不能|[吗？?]"
)
_SUPPLEMENTS = re.compile(r"(我|想|要|再|还)*补充(一下|一点|一句|说明|点|句|[\s，,：:。])+\S")
_LEADS_ON = re.compile(r"^(那|要是|如果|还|也)|呢[？?]?$|也(行|可以|能|算|要)")
_BRING = re.compile(
    r"^(那|我|还|是不是|到时候)*(要不要|要|需不需要|需要|用不用|用|得)(带|准备|提供|出示|复印)"
)
# Asking whom to turn to wants an answer, though it names what is broken.
_WHOM = re.compile(
    r"(找|归|由|是|打)(谁|哪)|谁(来)?管|(哪个|什么)(部门|单位)|打(什么|哪个)电话|电话(号码)?是?多少"
)
_NO_NUMBER = re.compile(
    r"(不留|不想留|删掉?|去掉|别留|别写|不要|取消|撤掉)了?(我的)?(电话|号码|手机|联系方式)|"
    r"(电话|号码|手机号?|联系方式)(就|也|还是)?(不留|删|去掉|别留|别写|不要(?!给|告|说|让|透)|不填|不写|算了)"
)
_WHY = re.compile(r"(为什么|为啥|干嘛|干什么|干啥|做什么|凭什么|有什么用|一定要|必须|非要|非得)")
_TAKES_UP_EARLIER = re.compile(r"上次|之前|原来|以前|那个?单|工单|催")


# Adding to an earlier ticket, or a ticket of its own: the words of the two buttons and their like.
_ADDS_TO_IT = re.compile(r"(补充|加|记|并)(到|进|在)|^补充|同一(件|个|回)事?|就是(那|它|同)")
_APART = re.compile(r"另外|另行|单独|重新登记|新的|两(件|码|回)事|不(是|要|用|补|加)|没有")


def adds_to_it(text: str) -> bool:
    """Whether a text says to add to the earlier ticket."""
    return bool(_ADDS_TO_IT.search(text)) and not _APART.search(text)


def keeps_apart(text: str) -> bool:
    """Whether a text that is an answer and no more says to open another ticket."""
    return bool(_APART.search(text)) and len(text) <= _ANSWER


def meaning(text: str, ask: Ask | None = None) -> str | None:
    """What a short answer means, None when it is no short answer. `ask`: the open question."""
    word = _NO_WORD.sub("", text).removeprefix("回复")
    if not word or len(word) > 20:
        return None
    found = next((name for name, p in _PATTERNS.items() if p.fullmatch(word)), None)
    if ask is Ask.PHONE and found == "cancel" and _GIVES_NO_PHONE.search(word):
        return "skip"
    return _INSTEAD.get((ask, found), found) if ask and found else found


def corrects(text: str) -> bool:
    """Whether a text fixes something said before."""
    return bool(_CORRECTS.search(text.strip())) or takes_back_number(text)


def corrects_nothing_yet(text: str) -> bool:
    """Whether a correction has no new value in it (“地址写错了”); with what is understood taken out of
    the text, whether there is nothing else in it (“电话还是留一个吧”)."""
    return not _NO_WORD.sub("", _CORRECTING.sub("", text))


def asks(text: str) -> bool:
    """Whether a text is a question."""
    return bool(_QUESTION.search(text.strip().rstrip("。！!~")))


def process_question(text: str) -> str | None:
    """Which question about the handling itself a text asks (`how_long`, `who`, `free`, `contact`),
    naming no matter of its own (“那要多久？”)."""
    plain = _AFTER_QUESTION.sub("", _NO_WORD.sub("", text))
    return next((name for name, p in _PROCESS.items() if plain and p.fullmatch(plain)), None)


def names_a_place(text: str) -> bool:
    """Whether an answer to “where?” has anything of a place in it."""
    return 2 <= len(text.strip()) <= 60 and bool(_ADDRESS.search(text))


def knows_no_place(text: str) -> bool:
    """Whether the resident says that they cannot name the place."""
    return bool(_NOWHERE.search(text))


def another_matter(text: str) -> bool:
    """Whether a text begins a further matter."""
    return bool(_ANOTHER.match(text.strip()))


def announced_type(text: str) -> str | None:
    """The type of matter that a text announces (“另外我要投诉…”), as an intent."""
    found = _ANNOUNCED.match(text.strip())
    return TYPES[found["type"]] if found else None


def asks_how(text: str) -> bool:
    """Whether a text asks for a way, a price, a place, a time, anywhere in it."""
    return bool(_HOW.search(text))


def supplements(text: str) -> bool:
    """Whether a text says in so many words that it goes with what was reported before."""
    return bool(_SUPPLEMENTS.match(text.strip()))


def leads_on(text: str) -> bool:
    """Whether a question goes on from the one before (“那外地户口呢”)."""
    return bool(_LEADS_ON.search(text.strip()))


def asks_what_to_bring(text: str) -> bool:
    """Whether a text asks if something has to be brought (“要带户口本不”), which is no question about it."""
    return bool(_BRING.match(text.strip()))


def asks_whom(text: str) -> bool:
    """Whether a text asks whom to turn to."""
    return bool(_WHOM.search(text))


def takes_back_number(text: str) -> bool:
    """Whether the resident wants no phone number kept."""
    return bool(_NO_NUMBER.search(text))


def asks_why(text: str) -> bool:
    """Whether a text asks what a question is for (“为什么要留电话”)."""
    return bool(_WHY.search(text))


def takes_up_earlier(text: str) -> bool:
    """Whether a text speaks of a ticket that is there already, not of what is being written down."""
    return bool(_TAKES_UP_EARLIER.search(text))
