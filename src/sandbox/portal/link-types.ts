/**
 * Types of links that every account has: their ids there and back, and the label where they have one.
 *
 * @see https://developers.hubspot.com/docs/api-reference/latest/crm/associations/guide (ids; checked 2026-11-23)
 */
export interface StandardLinkType {
  readonly from: string
  readonly to: string
  readonly typeId: number
  readonly backId: number
  /** Absent: the unlabelled one. */
  readonly labels?: readonly [there: string, back: string]
  /** A record at `from` has at most one link of this type. */
  readonly isPrimary?: true
}

const plain = (from: string, to: string, typeId: number, backId = typeId): StandardLinkType => ({
  from,
  to,
  typeId,
  backId,
})

const primary = (from: string, to: string, typeId: number, backId: number): StandardLinkType => ({
  ...plain(from, to, typeId, backId),
  labels: ['Primary', 'Primary'],
  isPrimary: true,
})

const activity = (from: string, ids: readonly (readonly [string, number])[]) =>
  ids.map(([to, typeId]) => plain(from, to, typeId, typeId - 1))

export const STANDARD_LINK_TYPES: readonly StandardLinkType[] = [
  plain('0-1', '0-2', 279, 280),
  primary('0-1', '0-2', 1, 2),
  plain('0-3', '0-2', 341, 342),
  primary('0-3', '0-2', 5, 6),
  plain('0-5', '0-2', 339, 340),
  primary('0-5', '0-2', 26, 25),
  plain('0-1', '0-3', 4, 3),
  plain('0-1', '0-5', 15, 16),
  plain('0-3', '0-5', 27, 28),
  plain('0-1', '0-1', 449),
  plain('0-2', '0-2', 450),
  { ...plain('0-2', '0-2', 13, 14), labels: ['Child Company', 'Parent Company'] },
  plain('0-3', '0-3', 451),
  plain('0-5', '0-5', 452),
  plain('0-3', '0-8', 19, 20),
  plain('0-3', '0-14', 63, 64),
  plain('0-14', '0-8', 67, 68),
  plain('0-14', '0-1', 69, 70),
  plain('0-14', '0-2', 71, 72),
  { ...plain('0-14', '0-1', 702, 703), labels: ['Contact Signer', 'Contact Signer'] },
  ...activity('0-46', [
    ['0-1', 202],
    ['0-2', 190],
    ['0-3', 214],
    ['0-5', 228],
  ]),
  ...activity('0-27', [
    ['0-1', 204],
    ['0-2', 192],
    ['0-3', 216],
    ['0-5', 230],
  ]),
  ...activity('0-48', [
    ['0-1', 194],
    ['0-2', 182],
    ['0-3', 206],
    ['0-5', 220],
  ]),
  ...activity('0-47', [
    ['0-1', 200],
    ['0-2', 188],
    ['0-3', 212],
    ['0-5', 226],
  ]),
  plain('0-123', '0-1', 507, 508),
  plain('0-123', '0-3', 512, 511),
  plain('0-136', '0-1', 608, 609),
  { ...primary('0-136', '0-1', 578, 579) },
  plain('0-1', '0-162', 799, 798),
  plain('0-1', '0-420', 883, 882),
  plain('0-1', '0-410', 861, 860),
  plain('0-1', '0-421', 907, 906),
]
