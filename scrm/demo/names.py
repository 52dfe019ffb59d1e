"""Believable Chinese names, some as people really call themselves in WeChat, and phones that belong to nobody."""

import numpy as np

from scrm.demo.arrays import Array, Stream, pick

SURNAMES = (
    "王 7.2 李 7.0 张 6.5 刘 5.1 陈 4.6 杨 3.1 黄 2.5 赵 2.1 吴 2.0 周 1.9 徐 1.6 孙 1.5 马 1.3 朱 1.3 胡 1.3 郭 1.2 何 1.2 林 1.2 "
    "罗 1.1 高 1.1 郑 1.0 梁 0.9 谢 0.8 宋 0.8 唐 0.7 许 0.7 韩 0.7 邓 0.6 冯 0.6 曹 0.6 彭 0.6 曾 0.6 肖 0.6 田 0.5 董 0.5 潘 0.5 "
    "袁 0.5 蔡 0.5 蒋 0.5 余 0.5 于 0.5 杜 0.5 叶 0.5 程 0.5 魏 0.4 苏 0.4 吕 0.4 丁 0.4 沈 0.4 任 0.4 姚 0.4 卢 0.4 傅 0.3 钟 0.3 "
    "姜 0.3 崔 0.3 谭 0.3 廖 0.3 范 0.3 汪 0.3 陆 0.3 金 0.3 石 0.3 戴 0.3 夏 0.3 邱 0.3 方 0.3 侯 0.3 欧阳 0.1 上官 0.05 司徒 0.05"
).split()
FEMALE = (
    "婷 雪 敏 静 丽 娟 艳 芳 燕 玲 萍 颖 佳 慧 琳 洁 莉 倩 琪 欣 怡 悦 蕾 薇 璐 瑶 萌 媛 妍 晴 岚 霞 梅 莹 晓 思 雨 梦 子 诗 若 可 "
    "一 语 心 安 宁 清 苒 汐 沐 芷 涵 菲 珊 樱 蓉 黛 锦 云 月 夏 秋 桐 筱 彤 歆 妤 嘉 宜 知 予"
).split()
MALE = "伟 强 磊 洋 勇 军 杰 涛 超 明 刚 平 辉 鹏 华 飞 鑫 波 斌 宇 浩 凯 健 俊 帆 帅 旭 宁 龙 博 文 轩 子 泽 昊 然 嘉 航 铭 一 言 睿".split()
NICKNAMES = (
    "小鹿🦌 晴天☀️ 柠檬不酸🍋 Lily Coco妈妈 Amy🌸 木木 七七 草莓味的风🍓 Vivian 桃子 月半弯🌙 小满 阿May 一颗糖🍬 Jessie 暖暖 "
    "豆豆妈 Summer 奶茶三分糖 Echo 叮当 栗子 海盐芝士 Yoyo 不吃香菜 鱼小姐🐟 momo 糯米团子 Grace 南风知我意 安琪拉 糖糖麻麻 Cici "
    "猫系女孩🐱 向日葵🌻 Nana 桂花酒酿 小美要早睡 Tina🌟 云朵☁️ 西柚 团团圆圆 Zoe 梨涡浅浅 夏天的风 Mia 芋泥波波 白桃乌龙 Kiki"
).split()
NICKNAME_SHARE = 0.07

# Mobile prefixes that the numbering plan gives to no operator: such a number can reach nobody.
FREE_PREFIXES = ("154", "160", "163", "164", "168", "179")


def full_names(draw: Stream, female: Array) -> Array:
    """Surname and a given name of one or two characters for each."""
    size = len(female)
    surnames = np.array(SURNAMES[::2])[pick(draw, np.array(SURNAMES[1::2], dtype=float), size)]
    first, second = (np.where(female, _one_of(draw, FEMALE, size), _one_of(draw, MALE, size)) for _ in range(2))
    second = np.where((draw.random(size) < 0.24) | (first == second), "", second)
    return np.char.add(np.char.add(surnames, first), second)


def member_names(draw: Stream, female: Array) -> Array:
    """Full names, and for a few the name that they gave themselves."""
    size = len(female)
    nicknames = _one_of(draw, NICKNAMES, size)
    return np.where(draw.random(size) < NICKNAME_SHARE, nicknames, full_names(draw, female))


def phones(draw: Stream, size: int) -> list[str]:
    """Distinct numbers of the form of a mainland mobile, from prefixes without an operator."""
    numbers = draw.choice(len(FREE_PREFIXES) * 10**8, size=size, replace=False) if size < 10**6 else draw.permutation(size)
    return [f"{FREE_PREFIXES[number // 10**8]}{number % 10**8:08d}" for number in numbers.tolist()]


def _one_of(draw: Stream, words: list[str], size: int) -> Array:
    return np.array(words)[draw.integers(0, len(words), size)]
