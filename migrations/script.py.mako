"""${message}.

Revision: ${up_revision}; after: ${down_revision | comma,n}; written: ${create_date}.
Draft only: write it by hand, protect each new table, raise `user_version` and
`qtrace.registry.migration.SCHEMA_VERSION`, and renew the golden schema of the tests.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
${imports if imports else ""}

from qtrace.registry.triggers import protect

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Add what is new; never rewrite a table that holds evidence."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Refuse: what is recorded stays recorded."""
    raise NotImplementedError("the registry is append-only: restore a backup instead")
