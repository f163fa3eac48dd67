"""A file in Online Retail's layout with whatever can be odd about a line, and what must become of it, worked out by hand."""

from decimal import Decimal

FILE = (
    (
        "\ufeffInvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n"
        # 2 to 5: an invoice of three lines, with a comma, quotes and a line end within quotes.
        "536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,12/1/2010 8:26,2.55,17850,United Kingdom\r\n"
        '536365,71053,"LANTERN, ""METAL""",6,12/1/2010 8:26,3.39,17850,United Kingdom\r\n'
        '"536365","22752","SET OF 7\r\nBOXES",2,"12/1/2010 8:26","7.65",17850.0,"United Kingdom"\r\n'
        # 6, 7: nobody knows who bought, twice the same.
        "536366,22633,HAND WARMER,1,12/1/2010 8:28,1.85,,United Kingdom\r\n"
        "536366,22633,HAND WARMER,1,12/1/2010 8:28,1.85,,United Kingdom\r\n"
        # 8, 9: a cancellation in the other form of times, and a negative quantity; 10: a gift.
        "C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527,United Kingdom\r\n"
        "536589,21777,,-10,12/1/2010 16:50,0,,United Kingdom\r\n"
        "536414,22139,,56,12/1/2010 11:52,0.0,,United Kingdom\r\n"
        # 11 to 16: bad debt, a price finer than cents, no units, a negative price, a cancellation of nothing.
        "A563185,B,Adjust bad debt,1,8/12/2011 14:50,11062.06,,United Kingdom\r\n"
        "A563186,B,Adjust bad debt,1,8/12/2011 14:51,-11062.06,,United Kingdom\r\n"
        "536370,22492,PAPERWEIGHT,3,12/1/2010 8:45,0.001,12583,France\r\n"
        "536371,22086,PAPER CHAIN,0,12/1/2010 9:00,2.55,13748,United Kingdom\r\n"
        "536372,22632,HAND WARMER,1,12/1/2010 9:01,-5.00,17850,United Kingdom\r\n"
        "C496350,M,Manual,1,12/1/2010 9:00,373.57,,United Kingdom\r\n"
        # 17: more decimals than two, of which the third is zero.
        "536373,POST,POSTAGE,1,12/1/2010 9:02,18.000,12583,France\r\n"
        # 18 to 24: blank, a column too few, no invoice, no product, no such day, no number, half a unit.
        "\r\n"
        "536374,21258,VICTORIAN BOX,32,12/1/2010 9:09,10.95,15100\r\n"
        ",85123A,HOLDER,2,12/1/2010 9:32,2.55,17850,United Kingdom\r\n"
        "536375,,HOLDER,1,12/1/2010 9:32,1.00,17850,United Kingdom\r\n"
        "536376,22114,HOT WATER BOTTLE,2,13/12/2010 9:32,1.25,15291,United Kingdom\r\n"
        "536376,21733,HOLDER,two,12/1/2010 9:32,2.55,15291,United Kingdom\r\n"
        "536376,21733,HOLDER,1.5,12/1/2010 9:32,2.00,15291,United Kingdom\r\n"
        # 25 to 27: a price and a refund beyond decimal(12,2), and a price that is the largest there is.
        "536377,22632,RED,1,12/1/2010 9:34,99999999999.00,17850,United Kingdom\r\n"
        "536377,22632,RED,-2,12/1/2010 9:34,9999999999.99,17850,United Kingdom\r\n"
        "536377,22632,RED,3,12/1/2010 9:34,9999999999.99,17850,United Kingdom\r\n"
        # 28: a quote that nobody closes.
        '536378,85071B,"RED CHARLIE,1,12/1/2010 9:37,1.00,14688,United Kingdom\r\n'
    ).encode()
    + b"536380,22961,JAM MAKING SET \xa31,2,12/1/2010 9:41,4.95,17809,United Kingdom"
)  # 29: Latin-1, without an end

CHECKOUTS = [2, 3, 4, 6, 7, 10, 17, 27, 29]
"""Lines."""
REFUNDS = [8, 9]
PAID = Decimal("30000000082.51")
"""15.30 + 20.34 + 15.30 + 1.85 + 1.85 + 0 + 18 + 29,999,999,999.97 + 9.90"""
PAID_BACK = Decimal("27.50")
NET = Decimal("30000000055.01")
APART = {
    11: "bad debt",
    12: "bad debt",
    13: "price finer than cents",
    14: "quantity of 0",
    15: "negative price",
    16: "cancellation of nothing",
    18: "blank line",
    19: "number of columns",
    20: "no invoice",
    21: "no product",
    22: "no time",
    23: "no number",
    24: "no whole quantity",
    25: "too large",
    26: "too large",
    28: "quotes that do not match",
}
"""Reason by line."""
APART_AMOUNT = Decimal("80000000379.193")
"""11,062.06 - 11,062.06 + 0.003 - 5 + 373.57 + 5.10 + 1 + 2.50 + 3 + 99,999,999,999 - 19,999,999,999.98"""
