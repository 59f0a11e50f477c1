import { ledgerConformance } from '../../conformance/ledger.ts';
import { ledgerSearchConformance } from '../../conformance/ledger-search.ts';
import { sqliteHouse } from './sqlite-house.ts';

ledgerConformance('sqlite', sqliteHouse);
ledgerSearchConformance('sqlite', sqliteHouse);
