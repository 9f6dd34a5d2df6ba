"""What is known of an account and goes to the authorities with a child-safety find; nothing biometric, no password."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec


class Suspected(msgspec.Struct, frozen=True):
    """`mail`: a confirmed address, if there is one. `came_by`: handle of whoever invited them."""

    id: UUID
    handle: str
    display_name: str
    mail: str | None
    birth_date: date
    created_at: datetime
    came_by: str | None
    sessions: tuple[dict[str, Any], ...]
    devices: tuple[dict[str, Any], ...]
    clips: int


async def of(conn: asyncpg.Connection, account: UUID) -> Suspected | None:
    """None: the account is gone."""
    row = await conn.fetchrow(
        """
        select a.id, a.handle::text, a.display_name, a.birth_date, a.created_at, i.handle::text as came_by,
            (select r.address::text from recovery_address r where r.account = a.id) as mail,
            coalesce((
                select jsonb_agg(jsonb_build_object(
                    'device', s.device, 'means', s.means, 'signed_in_at', s.signed_in_at, 'last_used_at', s.last_used_at
                ) order by s.id)
                from session s where s.account = a.id
            ), '[]') as sessions,
            coalesce((
                select jsonb_agg(jsonb_build_object('platform', d.platform, 'since', d.created_at) order by d.id)
                from device d where d.account = a.id
            ), '[]') as devices,
            (select count(*) from clip c where c.account = a.id)::integer as clips
        from account a left join account i on i.id = a.invited_by where a.id = $1
        """,
        account,
    )
    return None if row is None else msgspec.convert(dict(row), Suspected)
