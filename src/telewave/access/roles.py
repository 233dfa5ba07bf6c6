"""Permissions and roles, as one table. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from telewave.kernel import Forbidden, Label, Malformed


class NotAllowed(Forbidden):
    """{person} may not do this: it takes the permission {permission} ({what}), which comes with the role {roles}. Ask
    an administrator.
    """

    code = "not_allowed"


class NoSuchRole(Malformed):
    """There is no role {role}. Name one or several of: {known}."""

    code = "no_such_role"


class Permission(StrEnum):
    """What somebody may do, as `resource:action`."""

    CAMPAIGN_READ = "campaign:read"
    PLAN_SUBMIT = "plan:submit"
    PLAN_APPROVE = "plan:approve"
    PLAN_LAUNCH = "plan:launch"
    CALL_TAKE = "call:take"
    CALLS_READ = "calls:read"
    PERSON_MANAGE = "person:manage"
    AUDIT_READ = "audit:read"

    @property
    def label(self) -> Label:
        """For people."""
        return PERMISSIONS[self]


PERMISSIONS = {
    Permission.CAMPAIGN_READ: Label("see campaigns, their plans and results", "查看营销活动、方案与效果"),
    Permission.PLAN_SUBMIT: Label("hand plans in for review", "提交方案审核"),
    Permission.PLAN_APPROVE: Label("approve or send back plans of others", "批准或退回他人提交的方案"),
    Permission.PLAN_LAUNCH: Label("launch, pause and stop campaigns", "上线、暂停和终止营销活动"),
    Permission.CALL_TAKE: Label("call customers, one at a time", "逐个外呼客户"),
    Permission.CALLS_READ: Label("see a day's calls and the agents", "查看外呼日报与坐席情况"),
    Permission.PERSON_MANAGE: Label("add people and change their roles", "添加人员并调整角色"),
    Permission.AUDIT_READ: Label("search the audit log", "查询审计日志"),
}


class Role(StrEnum):
    """What somebody is here for."""

    MANAGER = "manager"
    ANALYST = "analyst"
    LEAD = "lead"
    AGENT = "agent"
    EXECUTIVE = "executive"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> Label:
        """For people."""
        return ROLES[self]


ROLES = {
    Role.MANAGER: Label("campaign manager", "营销经理"),
    Role.ANALYST: Label("analyst", "分析师"),
    Role.LEAD: Label("team lead", "外呼班长"),
    Role.AGENT: Label("outbound agent", "外呼坐席"),
    Role.EXECUTIVE: Label("executive", "分管领导"),
    Role.ADMINISTRATOR: Label("administrator", "系统管理员"),
}

GRANTS = {
    Role.MANAGER: frozenset(
        {
            Permission.CAMPAIGN_READ,
            Permission.PLAN_SUBMIT,
            Permission.PLAN_APPROVE,
            Permission.PLAN_LAUNCH,
            Permission.CALLS_READ,
        }
    ),
    Role.ANALYST: frozenset({Permission.CAMPAIGN_READ, Permission.PLAN_SUBMIT}),
    Role.LEAD: frozenset({Permission.CALL_TAKE, Permission.CALLS_READ}),
    Role.AGENT: frozenset({Permission.CALL_TAKE}),
    Role.EXECUTIVE: frozenset({Permission.CAMPAIGN_READ, Permission.CALLS_READ, Permission.PLAN_APPROVE}),
    Role.ADMINISTRATOR: frozenset({Permission.PERSON_MANAGE, Permission.AUDIT_READ}),
}
"""What each role may do. An administrator sees no customer and launches nothing; nobody approves what he wrote."""


def granted(roles: Iterable[Role]) -> frozenset[Permission]:
    """What these roles may do together.

    >>> sorted(granted([Role.LEAD, Role.AGENT]))
    [<Permission.CALL_TAKE: 'call:take'>, <Permission.CALLS_READ: 'calls:read'>]
    """
    return frozenset(permission for role in roles for permission in GRANTS[role])


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """Which roles may do this."""
    return tuple(role for role in Role if permission in GRANTS[role])


def parse_roles(text: str) -> frozenset[Role]:
    """Roles by their codes or their names in either language, separated by commas. Raises `NoSuchRole`.

    >>> sorted(parse_roles("lead, 外呼坐席"))
    [<Role.AGENT: 'agent'>, <Role.LEAD: 'lead'>]
    """
    known = {word: role for role in Role for word in (role.value, role.label.en, role.label.zh)}
    found = set()
    for word in (one.strip() for one in text.replace("，", ",").split(",")):
        if word.casefold() not in known:
            raise NoSuchRole(role=word, known=", ".join(Role))
        found.add(known[word.casefold()])
    return frozenset(found)
