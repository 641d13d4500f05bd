/** Of the file's form. A Backhaul reads its own alone. */
export const LOCK_VERSION = 1
