"""Pieces of UGC that may be used no more: by what she said last about publishing, and by what the law leaves of it.

Either by whichever of her records.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone

from compliance.rules.gate import RESTRICTED_PERSONS
from members.rules.persons import owner_at_hand

WITHDRAWN = f"""
SELECT piece.id FROM community_ugc AS piece
JOIN members_member AS member ON member.id = piece.member_id
LEFT JOIN LATERAL (
    SELECT said.action FROM compliance_consentstate AS said
    WHERE said.purpose = 'publish' AND said.member_id IN (
        SELECT record.id FROM members_member AS record
        WHERE record.id = {owner_at_hand("member")}
            OR record.merged_into_id = {owner_at_hand("member")}
    )
    ORDER BY said.occurred_at DESC, said.weight DESC LIMIT 1
) AS said ON true
WHERE piece.state IN ('offered', 'in_review', 'approved', 'returned') AND piece.consent_event IS NOT NULL
    AND coalesce(said.action, '') NOT IN ('grant', 'guardian_grant')
ORDER BY piece.id LIMIT %s
"""
RESTRICTED = f"""
SELECT piece.id FROM community_ugc AS piece
JOIN members_member AS member ON member.id = piece.member_id
WHERE piece.state IN ('offered', 'in_review', 'approved', 'returned')
    AND {owner_at_hand("member")} IN ({RESTRICTED_PERSONS})
ORDER BY piece.id LIMIT %s
"""
