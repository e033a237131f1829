/** The only script of the site. Every page works without it; each module adds one comfort. */
import "htmx.org";
import { startBeside } from "./beside";
import { startConfirm } from "./confirm";
import { startDesigner } from "./designer";
import { startFilters } from "./filters";
import { startGuard } from "./guard";
import { startLines } from "./lines";
import { startLookup } from "./lookup";
import { startShell } from "./shell";
import { startTables } from "./tables";
import { startToasts } from "./toast";

document.documentElement.classList.replace("no-js", "js");
startShell();
startConfirm();
startBeside();
startGuard();
startLookup();
startLines();
startTables();
startDesigner();
startFilters();
startToasts();
