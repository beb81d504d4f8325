"""Every route of the console, who may use it and the view that answers (ACC-4, CON-1).

Each subject lists its own beside its pages; here they are one table.  Views are named, not
imported: a page's module, with pydantic and the rest, is loaded at its first request, so that a
Lambda starts quickly.  ``{id}`` places are given to the view by name.
"""

from chalicelib.console.accounts.routes import ROUTES as ACCOUNTS
from chalicelib.console.catalogue.routes import ROUTES as CATALOGUE
from chalicelib.console.charges.routes import ROUTES as CHARGES
from chalicelib.console.contracts.routes import ROUTES as CONTRACTS
from chalicelib.console.dashboard.routes import ROUTES as DASHBOARD
from chalicelib.console.desktops.routes import ROUTES as DESKTOPS
from chalicelib.console.equipment.routes import ROUTES as EQUIPMENT
from chalicelib.console.framework.access import Route
from chalicelib.console.framework.routes import ROUTES as FRAMEWORK
from chalicelib.console.invoices.routes import ROUTES as INVOICES
from chalicelib.console.legal.routes import ROUTES as LEGAL
from chalicelib.console.orders.routes import ROUTES as ORDERS
from chalicelib.console.payments.routes import ROUTES as PAYMENTS
from chalicelib.console.platform.routes import ROUTES as PLATFORM
from chalicelib.console.runs.routes import ROUTES as RUNS
from chalicelib.console.sales.routes import ROUTES as SALES
from chalicelib.console.tax.routes import ROUTES as TAX
from chalicelib.console.usage.routes import ROUTES as USAGE

ROUTES: tuple[Route, ...] = (
    *FRAMEWORK,
    *ACCOUNTS,
    *CATALOGUE,
    *CHARGES,
    *CONTRACTS,
    *DASHBOARD,
    *DESKTOPS,
    *EQUIPMENT,
    *INVOICES,
    *LEGAL,
    *ORDERS,
    *PAYMENTS,
    *PLATFORM,
    *RUNS,
    *SALES,
    *TAX,
    *USAGE,
)
