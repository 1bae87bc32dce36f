/* See scenario_sample.h. Compiled into the layer's library, used by tests only. */
#include "sim/scenario_sample.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"

static const struct {
    const char *file, *content;
} FILES[] = {
    { "scenario.csv", "key,value\nname,Sample\nstart_weekday,sun\nstart_hour,22\ncell_width_deg,0.01\ncell_height_deg,0.005\n" },
    { "stations.csv", "id,lon,lat,name,district\nA,10,50,North,n\nB,10.1,50,,s\n" },
    { "units.csv", "id,station,skill,shift_start,shift_end\n1,A,ALS,,\n2,A,BLS,07:00,19:30\n3,B,,19:00,07:00\n" },
    { "facilities.csv",
      "id,lon,lat,name,tier,capabilities,beds\nH1,10,50.1,Big,3,stroke trauma,unlimited\nH2,10.2,50.1,,community,,4\n" },
    { "priorities.csv",
      "priority,share,target_s,travel,code,needs_als\ncritical,1,480,,1,yes\nsevere,2,600,normal,2,\nurgent,1,1200,,3,no\n" },
    { "service.csv", "quantity,priority,distribution\ndelay,*,constant(60 s)\non_scene,*,exponential(mean 12 min)\n"
                     "on_scene,critical,\"gamma(shape 2, scale 300 s)\"\nhandover,*,\"uniform(5 min, 10 "
                     "min)\"\ntransport,urgent,bernoulli(0.25)\n" },
    { "rate.csv", "day,hour,priority,calls_per_day\n*,*,*,240\n*,3,*,0\nmon,*,critical,120\n" },
    { "demand.csv", "lon,lat,weight,district\n10,50,3,n\n10.1,50,1,s\n10.1,50.05,0,s\n10,50.05,4,n\n10.2,50,2,s\n" },
    { "needs.csv", "priority,need,share\n*,stroke,0.1\ncritical,trauma,0.25\n" },
    { "policy.csv", "key,value\ndestination,need_then_nearest\nfacility_travel,lights\ndivert_gain_s,30\n" },
    { "diversion.csv", "from_priority,to_priority\nurgent,critical\nsevere,critical\n" },
    { "districts.csv", "id,name\nn,North\ns,South\n" },
};

void sample_write(const struct sample_folder *folder, const char *file, const char *content)
{
    struct error error;
    char *path = file_join(folder->path, file);
    if (content == NULL) {
        unlink(path);
    } else {
        CHECK(file_write_whole(path, content, strlen(content), &error) == STATUS_OK);
    }
    free(path);
}

void sample_make(struct sample_folder *folder)
{
    snprintf(folder->path, sizeof folder->path, "mingdi-sample-XXXXXX");
    CHECK(mkdtemp(folder->path) != NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(FILES); i++) {
        sample_write(folder, FILES[i].file, FILES[i].content);
    }
}

void sample_remove(const struct sample_folder *folder)
{
    DIR *entries = opendir(folder->path);
    CHECK(entries != NULL);
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (entry->d_name[0] != '.') {
            sample_write(folder, entry->d_name, NULL);
        }
    }
    closedir(entries);
    rmdir(folder->path);
}
