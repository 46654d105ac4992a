import { describe, expect, it } from 'vitest';
import { createStatusOrder } from './status-order.ts';

const update = (
  messageId: string,
  status: 'pending' | 'sent' | 'delivered' | 'read' | 'failed',
  code: string | null = null,
) => ({
  messageId,
  status,
  error: code === null ? null : { code, message: code },
});

describe('the order of statuses on screens', () => {
  it('holds back a status that a later one has overtaken, and keeps repeats', () => {
    const order = createStatusOrder();
    expect(order.admit(update('m', 'sent'))).toBe(true);
    expect(order.admit(update('m', 'read'))).toBe(true);
    expect(order.admit(update('m', 'delivered'))).toBe(false);
    expect(order.admit(update('m', 'sent'))).toBe(false);
    expect(order.admit(update('m', 'read'))).toBe(true);
    expect(order.admit(update('other', 'sent'))).toBe(true);
  });

  it('lets a status follow an uncertain failure, and a delivery follow a failure, but not the reverse', () => {
    const order = createStatusOrder();
    expect(order.admit(update('m', 'failed', 'uncertain'))).toBe(true);
    expect(order.admit(update('m', 'sent'))).toBe(true);
    expect(order.admit(update('m', 'failed', 'uncertain'))).toBe(false);
    expect(order.admit(update('m', 'failed', '131026'))).toBe(true);
    expect(order.admit(update('m', 'sent'))).toBe(false);
    expect(order.admit(update('m', 'delivered'))).toBe(true);
  });

  it('forgets the oldest messages first', () => {
    const order = createStatusOrder(10);
    order.admit(update('m', 'read'));
    for (let i = 0; i < 9; i++) order.admit(update(`a${i}`, 'sent'));
    expect(order.admit(update('m', 'sent'))).toBe(false);
    for (let i = 0; i < 20; i++) order.admit(update(`b${i}`, 'sent'));
    expect(order.admit(update('m', 'sent'))).toBe(true);
  });
});
