"""Cues to what a resident wants: words that stand for the same thing are one feature.

Thousands of examples hold each way to say that nobody does anything a few times at most, and some never.
Here they are one cue, and two cues seen together are another: a broken thing with somebody who is to blame
is a complaint, without anybody it is a request for repair.
"""

from __future__ import annotations

import re
from itertools import combinations

#: What may be said, and the words that say it, in normalised spelling.
_WORDS: dict[str, str] = {
    # Who may be complained about.
    "party": "物业|物管|开发商|房开|公司|老板|单位|厂|学校|幼儿园|医院|诊所|司机|驾校|教练|中介|房东|商家"
    "|商户|店|超市|酒吧|ktv|烧烤|摊|银行|平台|客服|快递|培训机构|施工|工地|项目部|供电|自来水公司|燃气"
    "|村委|村干部|村主任|村支书|队长|街道|社区|居委会|业委会|城管|交警|民警|派出所|局|窗口|工作人员"
    "|政府|部门|老师|校长|医生|护士|邻居|楼上|楼下|隔壁",
    # A duty that is not done.
    "neglect": "没人[管理修来问清]|没人处理|无人管|无人问津|不管|不理|不作为|推诿|扯皮|踢皮球"
    "|推来推去|互相推|敷衍|拖延|拖着|拖欠|一拖再拖|迟迟|至今|仍未|没有下文|不了了之|石沉大海|视而不见|视若无睹|置之不理|无果|未果|没有结果"
    "|不解决|未解决|没解决|没动静|没音信|没有音信|没回复|不予|拒|不肯|不给|不退|不发|不还|不赔|不修|不认"
    "|烂尾|停工|失联|跑路|形同虚设",
    # A wrong that is done to somebody.
    "harm": "乱收费|强制|强迫|强行|逼|威胁|骂|打人|侮辱|欺|骗|坑|克扣|扣押|侵占|侵犯|霸占|占用|占道|捆绑"
    "|霸王|擅自|私自|随意|无故|单方面|不公|不合理|不透明|态度|恶劣|粗暴|刁难|歧视|虚假宣传|承诺|违约"
    "|严重影响|扰民|吵|噪音|噪声|臭|油烟|粉尘|污染|受不了|苦不堪言|没法睡|休息|乱停|损坏|偷工减料|缩水"
    "|质量差|质量问题|涨价|差劲|混乱|脏乱差",
    # A law that is broken, and the wish to see it upheld.
    "law": "违法|违规|非法|违章|违建|违纪|无证|无照|没有证|偷|漏税|逃税|涉黄|卖淫|嫖|赌|毒|传销|贪污|受贿"
    "|行贿|回扣|红包|挪用|套取|骗取|骗保|虚报|冒领|伪造|造假|假冒|假药|假证|保护伞|黑恶|黑社会|路霸|村霸"
    "|黑车|黑店|盗|倒卖|私卖|串标|围标|非法集资|贿选|吃空饷|权钱|私分|侵吞|有偿补课|超载|套牌|未批先建"
    "|举报|查处|严查|严惩|打击|取缔|查一查|彻查|立案|依法拆除",
    # Law that is quoted.
    "paragraph": "条例|民法典|物权法|劳动法|合同法|根据|按照|规定|第.{1,4}条|办法|文件",
    # How it could be better.
    "proposal": "建议|应|可以|能不能|能否|可否|不妨|不如|最好|改为|改成|改到|增设|增加|优化|推广|推行|完善"
    "|加强|加大|鼓励|引进|设立|打造|发展|统一|延长|提前|取消|设想|想法|提议|思考|借鉴|希望全市|希望市"
    "|更方便|更好|合理化",
    # A question.
    "question": "请问|想问|问一下|问下|咨询|了解一下|想知道|是否|什么|何时|几点|几号"
    "|(?<![好这前过十了])几[天年]|多久|多少|哪里|哪个|有哪些|如何|怎|条件|流程|手续|材料|政策|标准|规定|范围|能不能|可以吗|有没有|是不是|吗|呢",
    # A question that wants no answer.
    "reproach": "何时了|何时休|到底|究竟|难道|凭什么|何在|何方|谁来|何年何月|猴年马月|有完没完|为何|为什么|为啥"
    "|怎么就|就这么|还有没有|天理|公道|说法|岂|什么道理|合理吗|合法吗|这样吗",
    # Somebody in need.
    "need": "求|恳|盼|帮|救|困难|没钱|生活|家庭|老人|孩子|残疾|病|瘫痪|低保|贫|下岗|失业|孤|老兵|退伍|无力|负担"
    "|活路|出路|诉求|心声|想办法|协调",
    # A thing to be made or mended.
    "provision": "修路|修复|修缮|硬化|安装|装一|装几|装个|建一|建个|新建|修建|兴建|开通|通公交|通车|通水|通电"
    "|通气|打通|拓宽|改造|维修|清理|清运|更换|加固|补栽|增设|配备|设一个|设站|画|安排|落实|解决",
    # A thing that does not work or is missing.
    "defect": "坏|破|塌|裂|漏|堵|断|掉|脱落|倒|积水|坑|不亮|熄|缺|丢失|生锈|松动|老化|年久失修|没有灯|没水"
    "|停水|停电|没电|难|不便|不通|隐患|危险|拥堵|不够|太少|没有|不足|杂草|垃圾",
    "thanks": "感谢|谢谢|感激|赞|表扬|好人|热心|耐心|辛苦|锦旗|暖心|敬佩|致敬|感动|负责|真好"
    "|[太真]好了|人.{0,2}好|真不错|给力|好样的|贴心|周到|靠谱|厉害|真棒|(?<!不)满意|漂亮|舒心|放心",
    "self": "我|本人|父亲|母亲|孩子|业主|村民|居民",
    "address": "尊敬的|领导|书记|市长|局长|您好|你好",
}
_CUES = {name: re.compile(words) for name, words in _WORDS.items()}

#: With these somebody is at fault; without them the same wish has another meaning.
_FAULTS = ("party", "law", "neglect", "harm")
_WISHES = ("defect", "provision", "need", "proposal", "question", "reproach")

_CLAUSES = re.compile(r"[。!?;,\s]+")

#: A cue said three times says no more when said again.
_MOST = 3

#: Longest title and longest short message, in characters.
_TITLE, _SHORT = 20, 60


def cues(text: str) -> list[str]:
    """The cues of a normalised text: which, how often, in the first and the last clause, which together."""
    clauses = [clause for clause in _CLAUSES.split(text) if clause]
    if not clauses:
        return []
    size = "title" if len(text) <= _TITLE else "short" if len(text) <= _SHORT else "long"
    found: list[str] = []
    present: set[str] = set()
    for name, words in _CUES.items():
        count = len(words.findall(text))
        if not count:
            found.append(f"no {name}")
            continue
        present.add(name)
        found += [f"{name} {min(count, _MOST)}", f"{size} {name}"]
        if words.search(clauses[0]):
            found.append(f"first {name}")
        if words.search(clauses[-1]):
            found.append(f"last {name}")
    found += [f"{one} with {other}" for one, other in combinations(sorted(present), 2)]
    found += [
        f"{wish} without {fault}"
        for wish in _WISHES
        for fault in _FAULTS
        if wish in present and fault not in present
    ]
    return found
