#include "host/tile_cache.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 12 };

struct entry {
    struct entry *next_in_bucket, *newer, *older;
    uint64_t key;
    size_t length;
    char bytes[];
};

struct tile_cache {
    struct entry *buckets[BUCKETS];
    struct entry *newest, *oldest;
    size_t bytes, bytes_max;
};

struct tile_cache *tile_cache_create(size_t bytes_max)
{
    struct tile_cache *cache = calloc(1, sizeof *cache);
    if (cache != NULL) {
        cache->bytes_max = bytes_max;
    }
    return cache;
}

void tile_cache_destroy(struct tile_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    for (struct entry *entry = cache->newest; entry != NULL;) {
        struct entry *older = entry->older;
        free(entry);
        entry = older;
    }
    free(cache);
}

static struct entry **bucket_of(struct tile_cache *cache, uint64_t key)
{
    return &cache->buckets[(key * UINT64_C(0x9E3779B97F4A7C15)) >> 52];
}

static void unlink_entry(struct tile_cache *cache, struct entry *entry)
{
    *(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void put_first(struct tile_cache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static struct entry *find(struct tile_cache *cache, uint64_t key)
{
    struct entry *entry = *bucket_of(cache, key);
    while (entry != NULL && entry->key != key) {
        entry = entry->next_in_bucket;
    }
    return entry;
}

bool tile_cache_find(struct tile_cache *cache, uint64_t key, const char **bytes, size_t *length)
{
    struct entry *entry = find(cache, key);
    if (entry == NULL) {
        return false;
    }
    unlink_entry(cache, entry);
    put_first(cache, entry);
    *bytes = entry->bytes;
    *length = entry->length;
    return true;
}

static void forget_oldest(struct tile_cache *cache)
{
    struct entry *entry = cache->oldest, **at = bucket_of(cache, entry->key);
    while (*at != entry) {
        at = &(*at)->next_in_bucket;
    }
    *at = entry->next_in_bucket;
    unlink_entry(cache, entry);
    cache->bytes -= sizeof *entry + entry->length;
    free(entry);
}

void tile_cache_put(struct tile_cache *cache, uint64_t key, const char *bytes, size_t length)
{
    struct entry *entry = NULL;
    if (length > cache->bytes_max || sizeof *entry > cache->bytes_max - length || find(cache, key) != NULL) {
        return;
    }
    entry = malloc(sizeof *entry + length);
    if (entry == NULL) {
        return;
    }
    entry->key = key;
    entry->length = length;
    if (length > 0) {
        memcpy(entry->bytes, bytes, length);
    }
    cache->bytes += sizeof *entry + length;
    while (cache->bytes > cache->bytes_max) {
        forget_oldest(cache);
    }
    struct entry **bucket = bucket_of(cache, key);
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    put_first(cache, entry);
}

size_t tile_cache_bytes(const struct tile_cache *cache) { return cache->bytes; }
