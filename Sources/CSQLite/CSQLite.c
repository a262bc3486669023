#include "CSQLite.h"

#include <sqlite3.h>

int hl_sqlite_forgo_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
