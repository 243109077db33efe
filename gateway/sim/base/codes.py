"""Pure. OKX's error codes that the simulated exchange answers with, and their English texts.

Source: OKX docs, "Error Code"; where recorded traffic differs from the table, this file has the recorded text.
"""

from __future__ import annotations

import re

TEXTS: dict[str, str] = {
    "0": "",
    "1": "",
    "2": "",
    "50000": "Body for POST request cannot be empty.",
    "50001": "Service temporarily unavailable. Please try again later.",
    "50002": "JSON syntax error",
    "50004": "API endpoint request timeout. ",
    "50005": "API endpoint is inactive or unavailable.",
    "50006": "Invalid Content-Type, please use application/json.",
    "50011": "Too Many Requests",
    "50013": "Systems are busy. Please try again later.",
    "50014": "Parameter {param} can not be empty.",
    "50015": "Either parameter {param} or {other} is required.",
    "50016": "Parameter {param} does not match parameter {other}.",
    "50024": "Parameter {param} and {other} can not exist at the same time.",
    "50026": "System error. Try again later",
    "50035": "This endpoint requires that APIKey must be bound to IP",
    "50036": "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
    "50037": "Order expired.",
    "50042": "Repeated request",
    "50061": "You've reached the maximum order rate limit for this account.",
    "50100": "API frozen, please contact customer service.",
    "50101": "APIKey does not match current environment.",
    "50102": "Timestamp request expired.",
    "50103": "Request header OK-ACCESS-KEY can not be empty.",
    "50104": "Request header OK-ACCESS-PASSPHRASE can not be empty.",
    "50105": "Request header OK-ACCESS-PASSPHRASE incorrect.",
    "50106": "Request header OK-ACCESS-SIGN can not be empty.",
    "50107": "Request header OK-ACCESS-TIMESTAMP can not be empty.",
    "50110": "Your IP {ip} is not included in your API key's IP whitelist.",
    "50111": "Invalid OK-ACCESS-KEY",
    "50112": "Invalid OK-ACCESS-TIMESTAMP",
    "50113": "Invalid Sign",
    "50114": "Invalid authorization",
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
    "51025": "Order count exceeds the limit.",
    "51027": "Contract expired.",
    "51034": "Fill rate exceeds the limit that you've set. Please reset the market maker protection to inactive "
    "for new trades.",
    "51035": "This account doesn't have permission to submit MM quote order.",
    "51036": "Only options instrument of the PM account supports MMP orders.",
    "51042": "Under the Portfolio margin account, users can only place market maker protection orders in cross "
    "margin mode in Options.",
    "51044": "The order type {inst_type}, {ord_type} is not allowed to set stop loss and take profit",
    "51046": "The take profit trigger price must be higher than the order price",
    "51047": "The stop loss trigger price must be lower than the order price",
    "51048": "The take profit trigger price must be lower than the order price",
    "51049": "The stop loss trigger price must be higher than the order price",
    "51050": "The take profit trigger price must be higher than the best ask price",
    "51051": "The stop loss trigger price must be lower than the best ask price",
    "51052": "The take profit trigger price must be lower than the best bid price",
    "51053": "The stop loss trigger price must be higher than the best bid price",
    "51054": "Request timed out. Please try again.",
    "51058": "No available position for this algo order",
    "51065": "algoClOrdId already exists.",
    "51066": "Market orders unavailable for options trading. Place a limit order to close position.",
    "51068": "{param} already exists within algoClOrdId and attachAlgoClOrdId.",
    "51071": "You've reached the maximum limit for tag level cancel all after timers.",
    "51074": "Only the tdMode for lead trade pairs configured by spot lead traders can be set to 'spot_isolated'",
    "51076": "TP/SL orders in Split TPs only support one-way TP/SL. You can't use slTriggerPx&slOrdPx and "
    "tpTriggerPx&tpOrdPx at the same time.",
    "51077": "Setting multiple TP and cost-price SL orders isn't supported for spot and margin trading.",
    "51079": "The number of TP orders with Split TPs attached in a same order cannot exceed {limit}",
    "51080": "Take-profit trigger price types (tpTriggerPxType) must be the same in an order with Split TPs attached",
    "51081": "Take-profit trigger prices (tpTriggerPx) cannot be the same in an order with Split TPs attached",
    "51082": "TP trigger prices (tpOrdPx) in one order with multiple TPs must be market prices.",
    "51083": "The total size of TP orders with Split TPs attached in a same order should equal the size of this order",
    "51084": "The number of SL orders with Split TPs attached in a same order cannot exceed {limit}",
    "51085": "The number of TP orders cannot be less than 2 when cost-price SL is enabled (amendPxOnTriggerType "
    "set as 1) for Split TPs",
    "51088": "You can only place 1 TP/SL order to close an entire position",
    "51089": "The size of the TP order among split TPs attached cannot be empty",
    "51093": "TP limit order prices (tpOrdPx) in one order can't be -1 (market price).",
    "51094": "You can't place TP limit orders in spot, margin, or options trading.",
    "51095": "To place TP limit orders at this endpoint, you must place an SL order at the same time.",
    "51096": "cxlOnClosePos needs to be true to place a TP limit order",
    "51100": "Unable to place order. Take profit/Stop loss conditions cannot be added to reduce-only orders.",
    "51101": "Order failed, the sz of the current order can't be more than {limit} (contracts).",
    "51108": "Positions exceed the limit for closing out with the market price.",
    "51111": "Maximum {limit} orders can be placed in bulk.",
    "51112": "Close order size exceeds available size for this position.",
    "51115": "Cancel all pending close-orders before liquidation.",
    "51121": "Order quantity must be a multiple of the lot size.",
    "51133": "Reduce-only feature is unavailable for spot transactions in multi-currency margin accounts.",
    "51139": "Reduce-only feature is unavailable for the spot transactions by spot mode.",
    "51149": "Order timed out. Please try again later.",
    "51150": "The precision of the number of trades or the price exceeds the limit.",
    "51169": "Order failed because you don't have any positions in this direction for this contract to reduce or "
    "close.",
    "51170": "Failed to place order. A reduce-only order can't be the same trading direction as your existing "
    "positions.",
    "51174": "Order failed, number of pending orders for {inst_id} exceed the limit of {limit}.",
    "51175": "Parameters {param} {other} and {third} cannot be empty at the same time",
    "51176": "Only one parameter can be filled among Parameters {param} {other} and {third}",
    "51177": "Unavailable to amend {param} because the price type of the current options order is {px_type}",
    "51178": "tpTriggerPx&tpOrdPx or slTriggerPx&slOrdPx can't be empty when using attachAlgoClOrdId.",
    "51180": "The range of {param} should be ({low}~{high})",
    "51181": "ordType must be limit while placing {param} orders",
    "51202": "Market order amount exceeds the maximum amount.",
    "51257": "Trailing stop order callback rate error. The callback rate should be {low}< x<={high}%.",
    "51258": "Trailing stop order placement failed. The trigger price of a sell order must be higher than the last "
    "transaction price.",
    "51259": "Trailing stop order placement failed. The trigger price of a buy order must be lower than the last "
    "transaction price.",
    "51260": "Maximum of {limit} pending trailing stop orders can be held at the same time.",
    "51261": "Each user can hold up to {limit} pending stop orders at the same time.",
    "51275": "The amount of single stop-market order cannot exceed the upper limit.",
    "51277": "TP trigger price cannot be higher than the last price.",
    "51278": "SL trigger price cannot be lower than the last price.",
    "51279": "TP trigger price cannot be lower than the last price.",
    "51280": "SL trigger price cannot be higher than the last price.",
    "51281": "Trigger order do not support the tgtCcy parameter.",
    "51299": "Order did not go through. You can hold a maximum of {limit} orders of this type.",
    "51300": "TP trigger price cannot be higher than the mark price",
    "51302": "SL trigger price cannot be lower than the mark price",
    "51303": "TP trigger price cannot be lower than the mark price",
    "51304": "SL trigger price cannot be higher than the mark price",
    "51305": "TP trigger price cannot be higher than the index price",
    "51306": "SL trigger price cannot be lower than the index price",
    "51307": "TP trigger price cannot be lower than the index price",
    "51308": "SL trigger price cannot be higher than the index price",
    "51327": "closeFraction is only available for Expiry Futures and Perpetual Futures",
    "51328": "closeFraction is only available for reduceOnly orders",
    "51330": "closeFraction is only available for stop market orders",
    "51331": "closeFraction is only available for close position orders",
    "51332": "closeFraction is not applicable to Portfolio Margin",
    "51333": "Close position order in hedge-mode or reduce-only order in one-way mode cannot attach TPSL",
    "51400": "Order cancellation failed as the order has been filled, canceled or does not exist.",
    "51406": "Canceled - order count exceeds the limit {limit}.",
    "51411": "Account does not have permission for mass cancellation.",
    "51415": "Unable to place order. Spot trading only supports using the last price as trigger price. Please "
    'select "Last" and try again.',
    "51412": "Cancellation timed out, please try again later.",
    "51500": "You must enter a price, quantity, or TP/SL",
    "51501": "Maximum {limit} orders can be modified.",
    "51502": "Unable to edit order: insufficient balance or margin.",
    "51503": "Your order has already been filled or canceled.",
    "51506": "Order modification unavailable for the order type.",
    "51511": "Modification failed as the order price did not meet the requirement for Post Only.",
    "51512": "Failed to amend orders in batches. You cannot have duplicate orders in the same amend-batch-orders "
    "request.",
    "51513": "Number of modification requests that are currently in progress for an order cannot exceed 3 times.",
    "51514": "Order modification failed. The price length must be 32 characters or shorter.",
    "51521": "Failed to edit. Unable to edit reduce-only order because you don't have any positions of this contract.",
    "51522": "Failed to edit. A reduce-only order can't be in the same trading direction as your existing positions.",
    "51523": "Unable to modify the order price of a stop order that closes an entire position. Please modify the "
    "trigger price instead.",
    "51524": "Unable to modify the order quantity of a stop order that closes an entire position. Please modify "
    "the trigger price instead.",
    "51526": "Order modification unsuccessful. Take profit/Stop loss conditions cannot be added to or removed "
    "from stop orders.",
    "51527": "Order modification unsuccessful. The stop order does not exist.",
    "51531": "Order modification unsuccessful. The stop order must have either take profit or stop loss attached.",
    "51536": "Unable to modify the size of the options order if the price type is pxUsd or pxVol.",
    "51537": "pxUsd or pxVol are not supported by non-options instruments",
    "51538": "You need to use attachAlgoOrds if you used attachAlgoOrds when placing an order. attachAlgoOrds is "
    "not supported if you did not use attachAlgoOrds when placing this order.",
    "51539": "attachAlgoId or attachAlgoClOrdId cannot be identical when modifying any TP/SL within your split "
    "TPs order",
    "51601": "Order status and order id cannot exist at the same time.",
    "51602": "Either order status or order ID is required.",
    "51603": "Order does not exist.",
    "54004": "Order placement or modification failed because one of the orders in the batch failed.",
    "54008": "This operation is disabled by the 'mass cancel order' endpoint. Please enable it using this endpoint.",
    "54009": "The range of {param} should be [{low}, {high}].",
    "54036": "You can't place fill or kill orders when self-trade prevention is set to both maker and taker orders.",
    "54041": "ELP orders aren't supported for {inst_id}.",
    "54042": "You don't have permission to place ELP orders for {inst_id}.",
    "54070": "The current function is not supported. Please update to the latest app version if using the app, or "
    "use the attachAlgoOrds array to place orders via Open API.",
    "54078": "If the main order is a buy order, the TP ratio must be greater than 0, while the SL ratio must be "
    "between -1 and 0. If the main order is a sell order, the TP ratio must be between -1 and 0, and the "
    "SL ratio must be greater than 0. Additionally, the ratio must be multiples of 0.0001.",
    "54084": "Slippage must be between 0 and 5%.",
    "54085": "Slippage can have at most 2 decimal places.",
    "58114": "Transfer amount must be greater than 0.",
    "58115": "Sub-account does not exist.",
    "58127": "Main account API key does not support current transfer type parameter.",
    "58350": "Insufficient balance.",
    "59000": "Setting failed. Cancel any open orders, close positions, and stop trading bots first.",
    "59001": "Switching unavailable as you have borrowings.",
    "59101": "Leverage can't be modified. Please cancel all pending isolated margin orders before adjusting the "
    "leverage.",
    "59102": "Leverage exceeds the maximum limit. Please lower the leverage.",
    "59105": "Leverage can't be less than {least}. Please increase the leverage.",
    "59107": "Leverage can't be modified. Please cancel all pending cross-margin orders before adjusting the leverage.",
    "59109": "Account equity less than the required margin amount after adjustment. Please adjust the leverage.",
    "59509": "Account does not have permission to reset MMP status",
    "60004": "Invalid timestamp",
    "60005": "Invalid apiKey",
    "60006": "Timestamp request expired",
    "60007": "Invalid sign",
    "60009": "Login failed.",
    "60011": "Please log in",
    "60012": "Illegal request: {text}",
    "60013": "Invalid args",
    "60014": "Requests too frequent",
    "60018": "Wrong URL or {what} doesn't exist. Please use the correct URL, channel and parameters referring to "
    "API document.",
    "60019": "Invalid op: {op}",
    "60024": "Wrong passphrase",
    "60028": "The current operation is not supported by this URL. Please use the correct WebSocket URL for the "
    "operation.",
    "60031": "The WebSocket endpoint does not allow multiple or repeated logins.",
    "60032": "API key doesn't exist",
    "60033": "{param} parameter error",
    "63999": "Login failed due to internal error. Please try again later.",
    "64000": "Subscription parameter uly is unavailable anymore, please replace uly with instFamily. More details can "
    "refer to: https://www.okx.com/help-center/changes-to-v5-api-websocket-subscription-parameter-and-url.",
    "64001": "This channel has been migrated to the '/business' URL. Please subscribe using the new URL. More details "
    "can refer to: https://www.okx.com/help-center/changes-to-v5-api-websocket-subscription-parameter-and-url.",
    "64003": "Your trading fee tier doesn't meet the requirement to access this channel",
    "64004": "Subscribe to both {channel} and {other} for {inst_id} is not allowed. Unsubscribe {other} first.",
    "64007": "Operation {op} failed due to WebSocket internal error. Please try again later.",
    "64008": "The connection will soon be closed for a service upgrade. Please reconnect.",
}

CLOSE_REASONS: dict[int, str] = {
    1009: "Request message exceeds the maximum frame length",
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
    """OKX's English text for `code`; an unknown code (a commanded fault can use any) has the empty text."""
    return TEXTS.get(code, "").format(**params)


def plain_text(code: str) -> str:
    """The text of a commanded code, with its placeholders left empty."""
    return re.sub(r" ?\{\w+\}", "", TEXTS.get(code, ""))


class Refusal(Exception):
    """The exchange refuses one row or one request; carries OKX's code, text and sub code."""

    def __init__(self, code: str, /, *, sub_code: str = "", **params: object) -> None:
        self.code = code
        self.msg = text_of(code, **params) if params else plain_text(code)
        self.sub_code = sub_code
        super().__init__(code, self.msg)
