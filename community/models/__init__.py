"""Groups and who is in them, what was said, KOC and what they earn."""

from community.models.groups import (
    Group,
    GroupParticipant,
    GroupRules,
    GroupSettings,
    GroupType,
    RulesAcknowledgement,
    Stay,
)
from community.models.koc import Koc, KocAcceptance, KocAgreement, KocEvent, KocSettings, LevelProposal, LevelRule
from community.models.koc_effects import EffectFigure, EffectRun, KocEffect
from community.models.koc_scores import KocScore, KocScoreDay, ScoreRun, ScoreScale, ScoreWeights
from community.models.ledger import (
    LedgerBalance,
    LedgerEntry,
    LedgerTransaction,
    Payout,
    PayoutLine,
    ShareOrder,
    ShareRule,
)
from community.models.measuring import GROUP
from community.models.messages import (
    ChatImport,
    ChatReject,
    GroupDay,
    GroupMessage,
    MessageDigest,
    MessageText,
    ParticipantDay,
    TalkEdge,
)
from community.models.scanning import BatchScan, batch_scans
from community.models.titles import Title, TitleHolding
from community.models.ugc import Ugc, UgcUse
from community.models.value_plans import ValuePlan
from community.models.violations import Appeal, ModerationSettings, Violation, ViolationRule
from community.models.work import Delivery, PriorityBenefit, Task, WorkFile

__all__ = [
    "GROUP",
    "Appeal",
    "BatchScan",
    "ChatImport",
    "ChatReject",
    "Delivery",
    "EffectFigure",
    "EffectRun",
    "Group",
    "GroupDay",
    "GroupMessage",
    "GroupParticipant",
    "GroupRules",
    "GroupSettings",
    "GroupType",
    "Koc",
    "KocAcceptance",
    "KocAgreement",
    "KocEffect",
    "KocEvent",
    "KocScore",
    "KocScoreDay",
    "KocSettings",
    "LedgerBalance",
    "LedgerEntry",
    "LedgerTransaction",
    "LevelProposal",
    "LevelRule",
    "MessageDigest",
    "MessageText",
    "ModerationSettings",
    "ParticipantDay",
    "Payout",
    "PayoutLine",
    "PriorityBenefit",
    "RulesAcknowledgement",
    "ScoreRun",
    "ScoreScale",
    "ScoreWeights",
    "ShareOrder",
    "ShareRule",
    "Stay",
    "TalkEdge",
    "Task",
    "Title",
    "TitleHolding",
    "Ugc",
    "UgcUse",
    "ValuePlan",
    "Violation",
    "ViolationRule",
    "WorkFile",
    "batch_scans",
]
