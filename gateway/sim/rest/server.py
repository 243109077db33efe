"""The REST side: the table of paths, and the way of a request through authentication and limits.

Limits are those of the endpoints' pages in OKX docs; order POSTs are limited at order entry, together with the
WebSocket ops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.auth import Identity
from gateway.sim.base.codes import Refusal
from gateway.sim.exchange.exchange import Exchange
from gateway.sim.rest import account as rest_account
from gateway.sim.rest import algo as rest_algo
from gateway.sim.rest import asset as rest_asset
from gateway.sim.rest import bills as rest_bills
from gateway.sim.rest import contracts as rest_contracts
from gateway.sim.rest import history as rest_history
from gateway.sim.rest import loans as rest_loans
from gateway.sim.rest import positions as rest_positions
from gateway.sim.rest import precheck as rest_precheck
from gateway.sim.rest import private as rest_private
from gateway.sim.rest import public as rest_public
from gateway.sim.rest import transfer as rest_transfer
from gateway.sim.rest.calls import Call, Reply, error_reply
from gateway.sim.rest.faults import RestFaults
from gateway.sim.trading.limits import SECOND_NS, Charge, LimitKey

NOT_FOUND = Reply(404, orjson.dumps({"code": "404", "data": [], "msg": "Not Found"}), "404")


@dataclass(frozen=True, slots=True)
class Route:
    """`limit` requests per `window_s`; 0 means that order entry counts. `by` names the query parameter that
    splits the budget further."""

    handler: Callable[[Call], Reply]
    private: bool
    limit: int = 0
    window_s: int = 2
    by: str = ""


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "public/time"): Route(rest_public.time, False, 10),
    ("GET", "public/instruments"): Route(rest_public.instruments, False, 20, by="instType"),
    ("GET", "public/underlying"): Route(rest_public.underlying, False, 20),
    ("GET", "public/price-limit"): Route(rest_public.price_limit, False, 20),
    ("GET", "public/mark-price"): Route(rest_public.mark_price, False, 10, by="instId"),
    ("GET", "public/funding-rate"): Route(rest_public.funding_rate, False, 10, by="instId"),
    ("GET", "public/funding-rate-history"): Route(rest_history.funding_rates, False, 10, by="instId"),
    ("GET", "public/delivery-exercise-history"): Route(rest_history.deliveries, False, 40),
    ("GET", "public/liquidation-orders"): Route(rest_history.liquidations, False, 40),
    ("GET", "public/estimated-price"): Route(rest_contracts.estimated_price, False, 10, by="instId"),
    ("GET", "public/position-tiers"): Route(rest_contracts.position_tiers, False, 10),
    ("GET", "public/convert-contract-coin"): Route(rest_contracts.convert, False, 10),
    ("GET", "public/insurance-fund"): Route(rest_contracts.insurance_fund, False, 10),
    ("GET", "public/open-interest"): Route(rest_public.open_interest, False, 20, by="instId"),
    ("GET", "public/opt-summary"): Route(rest_public.opt_summary, False, 20, by="instFamily"),
    ("GET", "market/index-tickers"): Route(rest_public.index_tickers, False, 20),
    ("GET", "market/candles"): Route(rest_public.candles, False, 40),
    ("GET", "market/history-candles"): Route(rest_public.candles, False, 20),
    ("GET", "market/mark-price-candles"): Route(rest_history.mark_candles, False, 20),
    ("GET", "market/history-mark-price-candles"): Route(rest_history.mark_candles, False, 10),
    ("GET", "market/index-candles"): Route(rest_history.index_candles, False, 20),
    ("GET", "market/history-index-candles"): Route(rest_history.index_candles, False, 10),
    ("GET", "market/ticker"): Route(rest_public.ticker, False, 20),
    ("GET", "market/tickers"): Route(rest_public.tickers, False, 20),
    ("GET", "market/books"): Route(rest_public.books, False, 40),
    ("GET", "market/books-full"): Route(rest_public.books_full, False, 10),
    ("GET", "market/trades"): Route(rest_public.trades, False, 100),
    ("GET", "market/history-trades"): Route(rest_public.history_trades, False, 20),
    ("GET", "sprd/spreads"): Route(rest_public.spreads, False, 20),
    ("GET", "system/status"): Route(rest_public.status, False, 1, 5),
    ("GET", "asset/currencies"): Route(rest_asset.currencies, True, 6, 1),
    ("GET", "asset/balances"): Route(rest_asset.balances, True, 6, 1),
    ("GET", "asset/asset-valuation"): Route(rest_asset.valuation, True, 1, 1),
    ("GET", "asset/deposit-history"): Route(rest_asset.no_movements, True, 6, 1),
    ("GET", "asset/withdrawal-history"): Route(rest_asset.no_movements, True, 6, 1),
    ("POST", "asset/transfer"): Route(rest_transfer.transfer, True, 2, 1, by="ccy"),
    ("GET", "asset/transfer-state"): Route(rest_transfer.transfer_state, True, 10, 1),
    ("GET", "asset/bills"): Route(rest_transfer.asset_bills, True, 6, 1),
    ("GET", "asset/deposit-address"): Route(rest_transfer.deposit_address, True, 6, 1),
    ("GET", "users/subaccount/list"): Route(rest_transfer.sub_accounts, True, 2),
    ("GET", "account/instruments"): Route(rest_public.instruments, True, 20, by="instType"),
    ("GET", "account/config"): Route(rest_account.config, True, 5),
    ("GET", "account/balance"): Route(rest_account.balance, True, 10),
    ("GET", "account/positions"): Route(rest_account.positions, True, 10),
    ("GET", "account/positions-history"): Route(rest_positions.history, True, 10),
    ("GET", "account/account-position-risk"): Route(rest_positions.account_position_risk, True, 10),
    ("GET", "account/risk-state"): Route(rest_positions.risk_state, True, 10),
    ("GET", "account/interest-accrued"): Route(rest_loans.interest_accrued, True, 5),
    ("GET", "account/interest-rate"): Route(rest_loans.interest_rate, True, 5),
    ("GET", "account/max-loan"): Route(rest_loans.max_loan, True, 20),
    ("GET", "account/max-withdrawal"): Route(rest_transfer.max_withdrawal, True, 20),
    ("GET", "account/bills"): Route(rest_bills.bills, True, 5, 1),
    ("GET", "account/bills-archive"): Route(rest_bills.bills_archive, True, 5),
    ("GET", "account/trade-fee"): Route(rest_account.trade_fee, True, 5),
    ("GET", "account/max-size"): Route(rest_account.max_size, True, 20),
    ("GET", "account/max-avail-size"): Route(rest_account.max_avail_size, True, 20),
    ("GET", "account/leverage-info"): Route(rest_account.leverage_info, True, 20),
    ("POST", "account/set-leverage"): Route(rest_account.change_leverage, True, 20),
    ("GET", "trade/account-rate-limit"): Route(rest_private.account_rate_limit, True, 1, 1),
    ("GET", "trade/order"): Route(rest_private.order, True, 60, by="instId"),
    ("GET", "trade/orders-pending"): Route(rest_private.orders_pending, True, 60),
    ("GET", "trade/orders-history"): Route(rest_private.orders_history, True, 40),
    ("GET", "trade/orders-history-archive"): Route(rest_private.orders_archive, True, 20),
    ("GET", "trade/fills"): Route(rest_private.fills, True, 60),
    ("GET", "trade/fills-history"): Route(rest_private.fills_history, True, 10),
    ("POST", "account/set-position-mode"): Route(rest_account.position_mode, True, 5),
    ("POST", "account/set-account-level"): Route(rest_account.account_level, True, 5),
    ("POST", "account/set-auto-loan"): Route(rest_account.auto_loan, True, 5),
    ("POST", "trade/order"): Route(rest_private.trade("order"), True),
    ("POST", "trade/batch-orders"): Route(rest_private.trade("batch-orders"), True),
    ("POST", "trade/cancel-order"): Route(rest_private.trade("cancel-order"), True),
    ("POST", "trade/cancel-batch-orders"): Route(rest_private.trade("batch-cancel-orders"), True),
    ("POST", "trade/amend-order"): Route(rest_private.trade("amend-order"), True),
    ("POST", "trade/amend-batch-orders"): Route(rest_private.trade("batch-amend-orders"), True),
    ("POST", "trade/order-precheck"): Route(rest_precheck.precheck, True, 5),
    ("POST", "trade/mass-cancel"): Route(rest_private.mass_cancel, True),
    ("POST", "trade/close-position"): Route(rest_algo.close_position, True, 20, by="instId"),
    ("POST", "trade/order-algo"): Route(rest_algo.place_algo, True, 20, by="instId"),
    ("POST", "trade/amend-algos"): Route(rest_algo.amend_algo, True, 20, by="instId"),
    ("POST", "trade/cancel-algos"): Route(rest_algo.cancel_algos, True),
    # No longer documented, but clients still cancel trailing stops with it.
    ("POST", "trade/cancel-advance-algos"): Route(rest_algo.cancel_algos, True),
    ("GET", "trade/order-algo"): Route(rest_algo.algo_order, True, 20),
    ("GET", "trade/orders-algo-pending"): Route(rest_algo.algos_pending, True, 20),
    ("GET", "trade/orders-algo-history"): Route(rest_algo.algos_history, True, 20),
    ("POST", "account/mmp-config"): Route(rest_algo.set_mmp, True, 2, 10),
    ("GET", "account/mmp-config"): Route(rest_algo.mmp_config, True, 5),
    ("POST", "account/mmp-reset"): Route(rest_algo.reset_mmp, True, 5),
    ("POST", "trade/cancel-all-after"): Route(rest_private.cancel_all_after, True, 1, 1, by="tag"),
}
KNOWN_PATHS = frozenset(path for _, path in ROUTES)


class RestServer:
    """Answers everything under /api/v5/."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._faults = RestFaults(exchange)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        op = f"{request.method} {request.match_info['path']}"
        exchange, arrival_ns = self._exchange, self._exchange.clock.arrival_ns()
        decided: list[Reply] = []
        response: web.StreamResponse | None = None

        def act(accounts: Mapping[str, Account] | None) -> Reply:
            decided.append(self._answer(request, body, accounts))
            return decided[-1]

        try:
            response = await self._faults.answer(request, op, act)
            return response
        finally:
            exchange.ledger.add(
                {
                    "type": "http",
                    "time_ns": arrival_ns,
                    "uid": exchange.key_ring.uid_of(request.headers.get("OK-ACCESS-KEY", "")),
                    "method": request.method,
                    "target": request.raw_path,
                    "body": body.decode("utf-8", "replace"),
                    "code": decided[-1].code if decided else "",
                    "status": None if response is None else response.status,
                }
            )

    def _answer(self, request: web.Request, body: bytes, accounts: Mapping[str, Account] | None) -> Reply:
        path = request.match_info["path"]
        route = ROUTES.get((request.method, path))
        try:
            if route is None:
                if path not in KNOWN_PATHS:
                    return NOT_FOUND
                raise Refusal("50115")
            identity = self._identity(request, body) if route.private else None
            call = Call(
                self._exchange,
                identity,
                dict(request.query),
                _parsed(request, body) if request.method == "POST" else None,
                self._exchange.clock.arrival_ns(),
                request.headers.get("expTime", ""),
                accounts,
            )
            self._count(route, f"{request.method} {path}", str(request.remote), call)
            return route.handler(call)
        except Refusal as refusal:
            return error_reply(refusal.code, refusal.msg)

    def _identity(self, request: web.Request, body: bytes) -> Identity:
        text = body.decode("utf-8", "replace")
        now_ms = self._exchange.clock.now_ms()
        remote = str(request.remote)
        ring = self._exchange.key_ring
        return ring.verify_request(request.headers, request.method, request.raw_path, text, now_ms, remote)

    def _count(self, route: Route, op: str, remote: str, call: Call) -> None:
        """Public endpoints count per IP, private ones per user."""
        if route.limit == 0:
            return
        owner = remote if call.identity is None else call.identity.uid
        source = call.body if isinstance(call.body, dict) else call.params
        split = str(source.get(route.by) or "") if route.by else ""
        charges = [Charge(LimitKey(owner, op, split), 1, route.limit, route.window_s * SECOND_NS)]
        limits, switches = self._exchange.limits, self._exchange.switches
        limits.see(charges, call.arrival_ns)
        fixed = switches.limiter_window == "fixed"
        refused = limits.admit(charges, call.arrival_ns, fixed=fixed, count_refused=switches.limiter_counts_refused)
        if refused is not None and self._exchange.config.rest_limits:
            raise Refusal("50011")


def _parsed(request: web.Request, body: bytes) -> Any:
    if not body:
        raise Refusal("50000")
    if request.content_type != "application/json":
        raise Refusal("50006")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refusal("50002") from None
