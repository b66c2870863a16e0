"""From the text of an expression to a flat postfix program.

The translation keeps its own stacks, so neither deep nor long expressions recurse.

Inside: `Action`, `Step`, `translate`.
Source: E. W. Dijkstra, Making a Translator for ALGOL 60 (1961): the shunting-yard method.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum

from qtrace.errors import InputError
from qtrace.uncertainty.expression_tokens import (
    CONSTANTS,
    FUNCTIONS,
    Token,
    TokenKind,
    fault,
    tokenize,
)

MAX_DEPTH = 50
MAX_UNARY_RUN = 20


class Action(StrEnum):
    """What one step of a program does with the stack."""

    NUMBER = "number"  # push a literal
    NAME = "name"  # push an input
    CONSTANT = "constant"  # push a constant of nature
    FUNCTION = "function"  # replace the top
    NEGATE = "-x"  # replace the top
    ADD = "+"  # replace the two on top, as do those below
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    POWER = "^"
    GROUP = "()"  # waits while translating; never a step


BINARY = frozenset({Action.ADD, Action.SUBTRACT, Action.MULTIPLY, Action.DIVIDE, Action.POWER})
_PRECEDENCE = {
    Action.ADD: 1,
    Action.SUBTRACT: 1,
    Action.MULTIPLY: 2,
    Action.DIVIDE: 2,
    Action.NEGATE: 3,
    Action.POWER: 4,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its action, its word (literal, name or function), its stretch of the text.

    `operands` are the positions, in the program, of the steps whose values it takes.
    """

    action: Action
    word: str
    start: int
    end: int
    operands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Pending:
    """An operator that waits for its right operand, or a parenthesis that waits to be closed.

    A call waits as FUNCTION, plain grouping as GROUP; `rank` of both is 0, so that no operator
    outside takes what is inside.
    """

    action: Action
    start: int
    function: str = ""

    @property
    def rank(self) -> int:
        """How strongly it binds."""
        return _PRECEDENCE.get(self.action, 0)


@dataclass(slots=True)
class _Translator:
    """The stacks of one translation."""

    text: str
    names: frozenset[str]
    steps: list[Step] = field(default_factory=list)
    operands: list[int] = field(default_factory=list)
    pending: list[_Pending] = field(default_factory=list)
    called: _Pending | None = None
    depth: int = 0
    unary_run: int = 0
    expects_operand: bool = True

    def accept(self, token: Token, following: Token | None) -> None:
        """Take one token; `following` decides whether a name is called."""
        if token.kind is TokenKind.CLOSE:
            self._close(token)
        elif self.expects_operand:
            self._operand(token, following)
        elif token.kind is TokenKind.OPERATOR:
            self._binary(Action(token.text), token)
        elif token.kind is TokenKind.OPEN:
            raise fault(self.text, token.start, "only the known functions can be called")
        else:
            raise fault(
                self.text, token.start, "two operands without an operator", "put '*' between them"
            )

    def finish(self) -> tuple[Step, ...]:
        """Empty the stacks at the end of the text."""
        if self.expects_operand:
            raise fault(self.text, len(self.text), "the expression ends where an operand is due")
        while self.pending:
            if not self.pending[-1].rank:
                raise fault(self.text, self.pending[-1].start, "this parenthesis is never closed")
            self._emit_operator()
        return tuple(self.steps)

    def _operand(self, token: Token, following: Token | None) -> None:
        if token.kind is TokenKind.OPERATOR:
            self._unary(token)
            return
        self.unary_run = 0
        if token.kind is TokenKind.OPEN:
            self._open(self.called or _Pending(Action.GROUP, token.start))
        elif token.kind is TokenKind.NUMBER:
            self._number(token)
        elif following is not None and following.kind is TokenKind.OPEN:
            if token.text not in FUNCTIONS:
                known = ", ".join(sorted(FUNCTIONS))
                raise fault(
                    self.text,
                    token.start,
                    f"{token.text!r} is not a function of the language",
                    f"functions are: {known}",
                )
            self.called = _Pending(Action.FUNCTION, token.start, token.text)
        else:
            self._name(token)

    def _number(self, token: Token) -> None:
        value = float(token.text)
        digits = token.text.lower().partition("e")[0]
        if math.isinf(value) or (value == 0.0 and digits.strip("0.")):
            raise fault(self.text, token.start, "this number is beyond the range of a double")
        self._push(Action.NUMBER, token)

    def _name(self, token: Token) -> None:
        if token.text in FUNCTIONS:
            raise fault(self.text, token.start, f"function {token.text!r} needs '(' and ')'")
        if token.text in CONSTANTS:
            self._push(Action.CONSTANT, token)
        elif token.text in self.names:
            self._push(Action.NAME, token)
        else:
            known = ", ".join(sorted(self.names)[:20]) or "none"
            raise fault(
                self.text,
                token.start,
                f"unknown name {token.text!r}",
                f"names here: {known}; constants: {', '.join(CONSTANTS)}",
            )

    def _unary(self, token: Token) -> None:
        if token.text != "-":
            raise fault(self.text, token.start, f"{token.text!r} has nothing on its left")
        self.unary_run += 1
        if self.unary_run > MAX_UNARY_RUN:
            raise fault(self.text, token.start, f"more than {MAX_UNARY_RUN} signs in a row")
        self.pending.append(_Pending(Action.NEGATE, token.start))

    def _binary(self, action: Action, token: Token) -> None:
        rank = _PRECEDENCE[action]
        rightwards = action is Action.POWER
        while self.pending and self.pending[-1].rank >= rank + rightwards:
            self._emit_operator()
        self.pending.append(_Pending(action, token.start))
        self.expects_operand = True
        self.unary_run = 0

    def _open(self, waiting: _Pending) -> None:
        self.called = None
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise fault(
                self.text,
                waiting.start,
                f"parentheses deeper than {MAX_DEPTH}",
                "split the expression into several results",
            )
        self.pending.append(waiting)

    def _close(self, token: Token) -> None:
        if self.expects_operand:
            raise fault(self.text, token.start, "a ')' stands where an operand is due")
        while self.pending and self.pending[-1].rank:
            self._emit_operator()
        if not self.pending:
            raise fault(self.text, token.start, "this ')' was never opened")
        waiting = self.pending.pop()
        self.depth -= 1
        if waiting.action is Action.FUNCTION:
            self._emit(waiting.action, waiting.function, (waiting.start, token.end), takes=1)
        else:  # the parentheses belong to the stretch of what they enclose
            enclosed = self.steps[-1]
            self.steps[-1] = replace(enclosed, start=waiting.start, end=token.end)

    def _push(self, action: Action, token: Token) -> None:
        self._emit(action, token.text, (token.start, token.end), takes=0)
        self.expects_operand = False

    def _emit_operator(self) -> None:
        """Write the waiting operator behind its operands; its text reaches over them all."""
        waiting = self.pending.pop()
        end = self.steps[-1].end
        if waiting.action in BINARY:
            start = self.steps[self.operands[-2]].start
            self._emit(waiting.action, "", (start, end), takes=2)
        else:
            self._emit(waiting.action, "", (waiting.start, end), takes=1)

    def _emit(self, action: Action, word: str, span: tuple[int, int], *, takes: int) -> None:
        """Append a step that takes the newest operands and becomes one."""
        first = len(self.operands) - takes
        taken = tuple(self.operands[first:])
        del self.operands[first:]
        self.operands.append(len(self.steps))
        self.steps.append(Step(action, word, *span, taken))


def translate(text: str, *, names: frozenset[str]) -> tuple[Step, ...]:
    """Translate an expression to postfix steps, operands before their operator.

    Args:
        text: The expression.
        names: Names of inputs that it may use.

    Returns:
        The steps; run in order on a stack they leave one value.

    Raises:
        InputError: The text is not an expression of the language, or a name of an input is one
            of a constant or function; the column is named.
    """
    if taken := sorted(names & (FUNCTIONS | CONSTANTS.keys())):
        raise InputError(
            f"an input is called {taken[0]!r}, which is a constant or function of the language",
            where=f"input {taken[0]!r}",
            next_step="give the input another name",
        )
    tokens = list(tokenize(text))
    translator = _Translator(text, names)
    for position, token in enumerate(tokens):
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        translator.accept(token, following)
    return translator.finish()
