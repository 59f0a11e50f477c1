import { ledgerConformance } from '../../conformance/ledger.ts';
import { ledgerKeepingConformance } from '../../conformance/ledger-keeping.ts';
import { ledgerSearchConformance } from '../../conformance/ledger-search.ts';
import { sqliteHouse } from './sqlite-house.ts';

ledgerConformance('sqlite', sqliteHouse);
ledgerSearchConformance('sqlite', sqliteHouse);
ledgerKeepingConformance('sqlite', sqliteHouse);
