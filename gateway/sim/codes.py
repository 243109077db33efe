"""Pure. OKX's error codes that the simulated exchange answers with, and their English texts.

Source: OKX docs, "Error Code"; where recorded traffic differs from the table the recorded text stands here.
"""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "0": "",
    "1": "",
    "2": "",
    "50000": "Body for POST request cannot be empty.",
    "50002": "JSON syntax error",
    "50006": "Invalid Content-Type, please use application/json.",
    "50011": "Too Many Requests",
    "50014": "Parameter {param} can not be empty.",
    "50015": "Either parameter {param} or {other} is required.",
    "50036": "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
    "50061": "You've reached the maximum order rate limit for this account.",
    "50101": "APIKey does not match current environment.",
    "50102": "Timestamp request expired.",
    "50103": "Request header OK-ACCESS-KEY can not be empty.",
    "50104": "Request header OK-ACCESS-PASSPHRASE can not be empty.",
    "50105": "Request header OK-ACCESS-PASSPHRASE incorrect.",
    "50106": "Request header OK-ACCESS-SIGN can not be empty.",
    "50107": "Request header OK-ACCESS-TIMESTAMP can not be empty.",
    "50110": "Your IP {ip} is not included in your API key's IP whitelist.",
    "50112": "Invalid OK-ACCESS-TIMESTAMP",
    "50113": "Invalid Sign",
    "50115": "Invalid request method.",
    "50119": "API key doesn't exist",
    "50120": "This API key doesn't have permission to use this function",
    "51000": "Parameter {param} error",
    "51001": "Instrument ID, Instrument ID code, or Spread ID doesn't exist.",
    "51003": "Either client order ID or order ID is required.",
    "51005": "Your order amount exceeds the max order amount.",
    "51006": "Order price is not within the price limit (max buy price: {buy}, min sell price: {sell})",
    "51008": "Order failed. Insufficient {ccy} {kind} in account.",
    "51010": "You can't complete this request under your current account mode.",
    "51016": "Client order ID already exists.",
    "51020": "Your order should meet or exceed the minimum order amount.",
    "51021": "This {inst_type} has not been listed yet.",
    "51022": "Contract suspended.",
    "51023": "Position doesn't exist.",
    "51025": "The maximum number of pending orders for this account is {limit}.",
    "51027": "Contract expired.",
    "51066": "Market orders unavailable for options trading. Place a limit order instead.",
    "51071": "You've reached the maximum limit for tag level cancel all after timers.",
    "51101": "Order amount exceeds the maximum number of contracts for a single order.",
    "51111": "Maximum {limit} orders can be placed in bulk.",
    "51112": "Close order size exceeds your available size.",
    "51121": "Order quantity must be a multiple of the lot size.",
    "51150": "The precision of the number of trades or the price exceeds the limit.",
    "51169": "Order failed because you don't have any positions in this direction to reduce or close.",
    "51170": "Failed to place order. A reduce-only order can't be the same trading direction as your existing "
    "positions.",
    "51174": "Order failed. The number of {inst_id} pending orders reached the upper limit of {limit} (orders).",
    "51202": "Market order amount exceeds the max amount.",
    "51400": "Order cancellation failed as the order has been filled, canceled or does not exist.",
    "51406": "Canceling too many orders in bulk (maximum {limit}).",
    "51411": "Mass cancel is not permitted for this account.",
    "51500": "You must enter a price, quantity, or TP/SL",
    "51501": "Maximum {limit} orders can be modified in bulk.",
    "51502": "Order modification failed for insufficient margin.",
    "51503": "Your order has already been filled or canceled.",
    "51511": "Operation failed as the order price doesn't meet the requirement for Post Only orders.",
    "51512": "Failed to amend orders in batches. You cannot have duplicate orders in the same amend-batch-orders "
    "request.",
    "51514": "Maximum 32 digits allowed for the price.",
    "51603": "Order does not exist.",
    "54036": "You can't place fill or kill orders when self-trade prevention is set to both maker and taker orders.",
    "59000": "Setting failed. Cancel any open orders, close positions, and stop trading bots first.",
    "59001": "Switching unavailable as you have borrowings.",
    "59101": "Leverage can't be modified. Please cancel all pending isolated margin orders before adjusting the "
    "leverage.",
    "59102": "Leverage exceeds the maximum limit. Please lower the leverage.",
    "59105": "Leverage can't be less than {least}. Please increase the leverage.",
    "59107": "Leverage can't be modified. Please cancel all pending cross-margin orders before adjusting the leverage.",
    "59109": "Account equity less than the required margin amount after adjustment. Please adjust the leverage.",
    "60004": "Invalid timestamp",
    "60005": "Invalid apiKey",
    "60006": "Timestamp request expired",
    "60009": "Login failed.",
    "60011": "Please log in",
    "60012": "Illegal request: {text}",
    "60013": "Invalid args",
    "60014": "Requests too frequent",
    "60018": "Wrong URL or {what} doesn't exist. Please use the correct URL, channel and parameters referring to API "
    "document.",
    "60019": "Invalid op: {op}",
    "60024": "Wrong passphrase",
    "60028": "The current operation is not supported by this URL. Please use the correct WebSocket URL for the "
    "operation.",
    "60031": "The WebSocket endpoint does not allow multiple or repeated logins.",
    "60032": "API key doesn't exist",
    "63999": "Login failed due to internal error. Please try again later.",
    "64003": "Your trading fee tier doesn't meet the requirement to access this channel",
    "64004": "Subscribe to both {channel} and {other} for {inst_id} is not allowed. Unsubscribe {other} first.",
    "64008": "The connection will soon be closed for a service upgrade. Please reconnect.",
}

CLOSE_REASONS: dict[int, str] = {
    4001: "Login Failed",
    4002: "Invalid Request",
    4003: "APIKey subscription amount exceeds the limit 100",
    4004: "No data received in 30s.",
    4005: "Buffer is full, cannot write data",
    4006: "Abnormal disconnection",
    4007: "API key has been updated or deleted. Please reconnect.",
    4008: "The number of subscribed channels exceeds the maximum limit.",
    4009: "The number of subscription channels for this connection exceeds the limit",
}


def text_of(code: str, **params: object) -> str:
    """OKX's English text for `code`; an unknown code (a commanded fault may use any) has the empty text."""
    return TEXTS.get(code, "").format(**params)


class Refusal(Exception):
    """The exchange says no to one row or one request; carries OKX's code, text and sub code."""

    def __init__(self, code: str, /, *, sub_code: str = "", **params: object) -> None:
        self.code = code
        self.msg = text_of(code, **params)
        self.sub_code = sub_code
        super().__init__(code, self.msg)
