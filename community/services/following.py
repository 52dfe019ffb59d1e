"""An import of a chat, and what it brought seen at once by all who follow the facts."""

from datetime import datetime

from community.enums.messages import ChatState
from community.models import ChatImport
from community.services.importing import run_chat
from timeline.services import follow_all


def run_chat_and_follow(*, job_id: int, now: datetime) -> ChatImport:
    """`run_chat`; sums per member and day, tiers and whatever else follows the timeline hear of it right away."""
    job = run_chat(job_id=job_id, now=now)
    if job.state == ChatState.DONE and job.counts.get("stored"):
        follow_all(now=now)
    return job
