/**
 * Whose rule a fault of the structure rests on. Such a fault stands whatever the provenance of the rule, because what follows cannot
 * be read or could be read in two ways; so that the reader can judge it, the note still names the rule and how sure it is.
 */
import type { FaultCode } from '../../faults/fault.ts';

const ours = 'hitline’s own: what could be read in two ways is refused';

/** The rule behind each fault that no row of a key or field names, as it stands at the end of the note. */
const structureRules: Partial<Record<FaultCode, string>> = {
  TEXT_EMPTY: 'verified: NLETS N1',
  TEXT_TOO_LONG: 'hitline’s own: a limit far above any the sources name',
  NOT_A_MESSAGE: 'verified: NLETS N1',
  FAULTS_TOO_MANY: 'hitline’s own: a text with so many is no message',
  KEY_UNKNOWN: 'hitline’s own: the keys are those of LEDS-MKE, NLETS L1, N1 and the State profile',
  KEY_OTHER_LINE: 'verified: NLETS W2',
  KEY_FIELDS_UNKNOWN: 'recalled: each field may stand with any key',
  OFML_SHAPE: 'recalled: the shape of the markup',
  BYPASS_UNREADABLE: 'hitline’s own: nothing passes unread',
  HEADER_SHAPE: 'recalled: GCIC-HDR, inferred',
  ORI_SHAPE: 'verified: GH-ORI, NLETS O1',
  DESTINATION_MISSING: 'verified: NLETS N7, N14',
  DESTINATION_SHAPE: 'verified: NLETS N7, N14, N17',
  DESTINATION_COUNT: 'verified: NLETS X1',
  DESTINATION_UNUSED: 'hitline’s own: only Nlets text has a place for it',
  CONTROL_SHAPE: 'verified: NLETS W1, X1',
  TXT_MISSING: 'verified: NLETS N2, N4',
  STAMP_SHAPE: 'verified: NLETS N2, X1',
  PIECE_UNREADABLE: 'verified: NLETS N7, WI-GLOSS',
  POSITION_UNKNOWN: 'hitline’s own: no public source gives the order',
  POSITION_RECALLED: 'recalled: the order of positions',
  BODY_AS_TEXT: 'verified: NLETS N28; which text is prose is inferred',
  TEXT_UNUSED: ours,
  FIELD_UNKNOWN: 'hitline’s own: the fields are those of FCIC-XML, WI-GLOSS, NIEM, NLETS and the State profile',
  FIELD_UNEXPECTED: 'recalled: a key may take more than its sources list',
  FIELD_TWICE: ours,
  FIELD_BLANK: 'verified: NLETS N14',
  FIELD_DELETED: 'recalled: a blank field of a modification deletes the value',
  VALUE_LINE_BREAK: ours,
  VALUE_SEPARATOR: 'verified: NLETS N7, N9',
  LOWER_CASE: 'recalled: the State folds lower case',
  CHARACTER_CONTROL: 'verified: NLETS N7, N9',
  CHARACTER_NOT_ASCII: 'recalled: US-ASCII on the line',
};

/** What there is to say of a fault and then its rule; the detail alone when it names a rule of its own, or none is known. */
export function withRule(code: FaultCode, detail: string | undefined): string | undefined {
  const rule = structureRules[code];
  if (rule === undefined || detail?.includes('(Rule ') === true) return detail;
  return detail === undefined ? `(Rule ${rule}.)` : `${detail} (Rule ${rule}.)`;
}
