/** The part of the contract that is about traces of the gateway's lines. */
import { z } from 'zod';
import { done, idText, millis, shoulder, why } from './ledger-contract.ts';

/** One trace that is asked for or there. */
export const traceRow = z.object({
  id: idText,
  status: z.string(),
  /** `upstream`, a station's id, or a link's. */
  of: idText,
  /** True when it shows what was said; else letters and digits are masked. */
  raw: z.boolean(),
  askedBy: z.string(),
  approvedBy: z.string().nullable(),
  startedAtMs: millis.nullable(),
  /** When its key and file are destroyed at the latest. */
  goneAtMs: millis.nullable(),
});

export const traceMethods = {
  /** Asks for a trace. A masked one starts at once; a raw one waits for another person's word. */
  traceStart: {
    takes: z.object({ of: idText, raw: z.boolean(), minutes: z.number().int().min(1).max(240), reason: why }),
    gives: z.object({ id: idText, status: z.string() }),
  },
  /** A second person starts a raw trace: at a console of his own, or by a fresh factor over the shoulder of who sits there. */
  traceApprove: { takes: z.object({ id: idText, reason: why, approver: shoulder.optional() }), gives: done },
  traceStop: { takes: z.object({ id: idText, reason: why }), gives: done },
  traces: { takes: z.object({}), gives: z.object({ rows: z.array(traceRow) }) },
  /** Begins to read a trace, which is itself filed; its parts are fetched one after another. */
  traceRead: { takes: z.object({ id: idText, reason: why }), gives: z.object({ readId: idText }) },
  /** The next part in clear; an empty one is the end. */
  tracePart: { takes: z.object({ readId: idText }), gives: z.object({ base64: z.string() }) },
} as const;
