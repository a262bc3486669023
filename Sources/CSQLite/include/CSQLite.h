// What of SQLite the module that GRDB brings does not reach.
#ifndef HOOKLINE_CSQLITE_H
#define HOOKLINE_CSQLITE_H

// Has SQLite count no more what it allocates, which takes a lock each time and which nobody asks for.
// To be called before SQLite's first use in the process. sqlite3_config is variadic, which Swift
// cannot call. Not inline: two modules would then have the types of sqlite3.h.
// Returns SQLITE_OK, or SQLITE_MISUSE where SQLite is in use already.
int hl_sqlite_forgo_statistics(void);

#endif
