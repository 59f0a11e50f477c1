/** One row of the fault table. `audience` says who can mend it. */
export interface FaultRow {
  readonly text: string;
  readonly kind: 'fault' | 'refusal' | 'failure';
  readonly audience: 'peer' | 'person' | 'installer';
}
