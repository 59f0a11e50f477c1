/** Texts of a database, many at a time: a question for each would take longer on its way than the server takes to answer. */
import { CompiledQuery, type Kysely } from 'kysely';
import { HitlineError } from '../../../faults/fault.ts';
import type { MasterKey } from '../cipher.ts';
import { asKept } from '../reading/state-questions.ts';
import type { LedgerTables, TextTable } from '../schema.ts';
import { openText, type TextPlace } from '../vault.ts';

/** Texts that may wait for the server; beyond it the asker is told QUEUE_FULL. */
const textsMax = 10_000;
/** Texts in one question: while a portion is opened here, the server looks for the next. */
const textsAtOnce = 128;

interface Asked {
  readonly place: TextPlace;
  readonly resolve: (text: Uint8Array | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Found extends Pick<TextTable, 'key_id' | 'ciphertext' | 'master_id' | 'wrapped'> {
  /** Which of the places asked for, from 1. */
  readonly number: number;
}

/** Row by row by the key, whatever the server believes of the size of a table that it has not looked at yet. */
const findTexts = `SELECT w.number::int, t.key_id, t.ciphertext, t.master_id, t.wrapped
  FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY AS w(writer, seq, name, number)
  CROSS JOIN LATERAL (SELECT * FROM text WHERE writer = w.writer AND seq = w.seq AND name = w.name OFFSET 0) t`;

export interface TextReaderPorts {
  readonly db: Kysely<LedgerTables>;
  readonly master: MasterKey;
  /** Gives the same answer, or rejects when it takes too long; a database's own error becomes a code. */
  soon<T>(answer: Promise<T>): Promise<T>;
}

export class TextReader {
  readonly #ports: TextReaderPorts;
  #outbox: Asked[] = [];
  #waitingCount = 0;

  constructor(ports: TextReaderPorts) {
    this.#ports = ports;
  }

  /** The clear text, or undefined where there is none. Faults: QUEUE_FULL, LEDGER_BROKEN when it does not open, those of `soon`. */
  read(
    { writer, seq }: { readonly writer: string; readonly seq: number },
    name: string,
  ): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#waitingCount >= textsMax) throw new HitlineError('QUEUE_FULL');
      this.#waitingCount += 1;
      this.#outbox.push({ place: { writer, seq, name: asKept(name) }, resolve, reject });
      if (this.#outbox.length === 1) queueMicrotask(() => this.#send());
    });
  }

  /** Questions of one turn go together. */
  #send(): void {
    const asked = this.#outbox;
    this.#outbox = [];
    for (let from = 0; from < asked.length; from += textsAtOnce) {
      void this.#ask(asked.slice(from, from + textsAtOnce));
    }
  }

  async #ask(asked: readonly Asked[]): Promise<void> {
    const { db, soon } = this.#ports;
    try {
      const places = (['writer', 'seq', 'name'] as const).map((part) => asked.map(({ place }) => place[part]));
      const { rows } = await soon(db.executeQuery<Found>(CompiledQuery.raw(findTexts, places)));
      const found = new Map(rows.map((row) => [row.number, row]));
      for (const [index, one] of asked.entries()) this.#answer(one, found.get(index + 1));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    } finally {
      this.#waitingCount -= asked.length;
    }
  }

  #answer({ place, resolve, reject }: Asked, row: Found | undefined): void {
    if (row === undefined) {
      resolve(undefined);
      return;
    }
    const { key_id: keyId, ciphertext, master_id: masterId, wrapped: wrappedKey } = row;
    const clear = openText({ keyId, ciphertext, masterId, wrappedKey }, place, this.#ports.master);
    if (clear === undefined) reject(new HitlineError('LEDGER_BROKEN', { detail: 'A text does not open.' }));
    else resolve(new Uint8Array(clear));
  }
}
