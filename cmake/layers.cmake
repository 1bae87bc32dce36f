# One static library a layer, one test program a *_test.c, one fuzzer a *_fuzz.c. A test links its own layer (and through it
# what the layer may use) and nothing else, so a forbidden dependency fails to link as well as to pass tools/check_layers.

# Where tests look for real cities and calls when MINGDI_DATA names no folder; where there is none, they are skipped.
set(MINGDI_DATA_DEFAULT ${CMAKE_SOURCE_DIR}/../shared/data)

function(mingdi_layer name)
  cmake_parse_arguments(ARG "" "" "LAYERS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*_test.c)
  file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*_fuzz.c)
  list(REMOVE_ITEM sources ${tests} ${fuzzers} ${CMAKE_SOURCE_DIR}/src/cli/main.c "")
  if(NOT sources)
    set(sources ${CMAKE_SOURCE_DIR}/src/base/check.c)
  endif()
  add_library(mingdi_${name} STATIC ${sources})
  target_include_directories(mingdi_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
  list(TRANSFORM ARG_LAYERS PREPEND mingdi_)
  target_link_libraries(mingdi_${name} PUBLIC ${ARG_LAYERS} ${ARG_LIBRARIES})
  if(TARGET mingdi_generated)
    add_dependencies(mingdi_${name} mingdi_generated)
  endif()
  foreach(test ${tests})
    get_filename_component(stem ${test} NAME_WE)
    set(target ${name}_${stem})
    add_executable(${target} ${test})
    target_link_libraries(${target} PRIVATE mingdi_${name} PkgConfig::CMOCKA m)
    target_compile_definitions(${target} PRIVATE MINGDI_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                               MINGDI_DATA_DEFAULT="${MINGDI_DATA_DEFAULT}")
    add_test(NAME ${name}/${stem} COMMAND ${target} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
    set_tests_properties(${name}/${stem} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600)
  endforeach()
  foreach(fuzzer ${fuzzers})
    mingdi_fuzzer(${name} ${fuzzer})
  endforeach()
endfunction()

# A fuzzer x_fuzz.c starts from tests/corpus/x. Built for fuzzing it is the program x_fuzz of <layer>; in every other build its
# corpus is replayed as a test, without libFuzzer.
function(mingdi_fuzzer layer source)
  get_filename_component(stem ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" subject ${stem})
  if(MINGDI_FUZZ)
    add_executable(${stem} ${source})
    target_link_libraries(${stem} PRIVATE mingdi_${layer})
    target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
    if(NOT TARGET mingdi_fuzzers)
      add_custom_target(mingdi_fuzzers)
    endif()
    add_dependencies(mingdi_fuzzers ${stem})
  else()
    add_executable(${stem}_replay ${source} ${CMAKE_SOURCE_DIR}/tools/fuzz_replay.c)
    target_link_libraries(${stem}_replay PRIVATE mingdi_${layer})
    add_test(NAME corpus/${subject} COMMAND ${stem}_replay ${CMAKE_SOURCE_DIR}/tests/corpus/${subject})
  endif()
endfunction()

# A benchmark a file of bench/: bench/road.c becomes bench_road. Built with the rest so that it cannot rot; ./run bench runs it.
function(mingdi_benchmarks)
  file(GLOB programs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/*.c)
  foreach(program ${programs})
    get_filename_component(stem ${program} NAME_WE)
    add_executable(bench_${stem} ${program})
    target_link_libraries(bench_${stem} PRIVATE mingdi_gateway m)
    target_compile_definitions(bench_${stem} PRIVATE MINGDI_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                               MINGDI_DATA_DEFAULT="${MINGDI_DATA_DEFAULT}")
  endforeach()
endfunction()

# Checks of the source tree and tests of the whole program from outside. Those labelled source do not depend on how the program
# was built, so that sanitizer builds leave them out.
function(mingdi_outside_tests)
  foreach(check layers style links canaries operations blocks)
    add_test(NAME source/${check} COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/check_${check})
    set_tests_properties(source/${check} PROPERTIES LABELS source)
  endforeach()
  # The console: tools/web brings what it needs.
  foreach(check typecheck lint unit)
    add_test(NAME web/${check} COMMAND ${CMAKE_SOURCE_DIR}/tools/web ${check})
    set_tests_properties(web/${check} PROPERTIES LABELS source TIMEOUT 900)
  endforeach()
  # The console in a browser, one file at a time: a browser and a centre take both processors of a small machine. They begin
  # first, so that the others run beside them and not before.
  file(GLOB browsers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/tests/browser/*.test.mjs)
  foreach(browser ${browsers})
    get_filename_component(subject ${browser} NAME_WE)
    add_test(NAME browser/${subject}
             COMMAND ${CMAKE_SOURCE_DIR}/tools/web browser ${subject} $<TARGET_FILE:mingdi> ${CMAKE_BINARY_DIR}/console)
    set_tests_properties(browser/${subject} PROPERTIES LABELS "source;browser" SKIP_RETURN_CODE 77 TIMEOUT 900
                         RESOURCE_LOCK browser COST 1000)
  endforeach()
  # Tiles of a whole city, read by somebody else's program.
  add_test(NAME road/tiles COMMAND ${CMAKE_SOURCE_DIR}/tests/tiles/run $<TARGET_FILE:mingdi> $<TARGET_FILE:bench_tiles>
           ${CMAKE_BINARY_DIR}/tiles-check)
  set_tests_properties(road/tiles PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300
                       ENVIRONMENT "MINGDI_DATA=${MINGDI_DATA_DEFAULT}")
  find_program(BATS bats)
  set(default MINGDI_DATA_DEFAULT=${MINGDI_DATA_DEFAULT})
  if(BATS)
    file(GLOB stories CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/cli/*.bats ${CMAKE_SOURCE_DIR}/tests/process/*.bats)
    foreach(story ${stories})
      get_filename_component(stem ${story} NAME_WE)
      get_filename_component(folder ${story} DIRECTORY)
      get_filename_component(group ${folder} NAME)
      add_test(NAME ${group}/${stem} COMMAND ${BATS} --tap ${story})
      set_tests_properties(${group}/${stem} PROPERTIES TIMEOUT 1800
                           ENVIRONMENT "MINGDI=$<TARGET_FILE:mingdi>;PYTHON=${Python3_EXECUTABLE};${default}")
    endforeach()
  endif()
  # Whole centres, asked from outside. Those that need the distribution's Python are named below.
  # The Debian package, and the units in it.
  add_test(NAME package/content
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/package/content_test.py ${CMAKE_BINARY_DIR})
  add_test(NAME package/filter COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/package/filter_test.py)
  add_test(NAME package/operations
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/package/operations_test.py ${CMAKE_BINARY_DIR})
  set_tests_properties(package/content package/filter package/operations
                       PROPERTIES LABELS source SKIP_RETURN_CODE 77 TIMEOUT 1200
                       ENVIRONMENT "MINGDI=$<TARGET_FILE:mingdi>")
  file(GLOB processes CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/process/*_test.py)
  list(FILTER processes EXCLUDE REGEX "/(websocket|nginx|mqtt)_test.py$")
  add_executable(journal_grow ${CMAKE_SOURCE_DIR}/tests/process/journal_grow.c)
  target_link_libraries(journal_grow PRIVATE mingdi_host)
  foreach(process ${processes})
    get_filename_component(stem ${process} NAME_WE)
    string(REGEX REPLACE "_test$" "" subject ${stem})
    add_test(NAME process/${subject} COMMAND ${Python3_EXECUTABLE} ${process})
    set_tests_properties(process/${subject} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 1800
                         ENVIRONMENT "MINGDI=$<TARGET_FILE:mingdi>;MINGDI_GROW=$<TARGET_FILE:journal_grow>")
  endforeach()
  add_test(NAME process/api COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/process/api.py)
  set_tests_properties(process/api PROPERTIES TIMEOUT 900 ENVIRONMENT "MINGDI=$<TARGET_FILE:mingdi>")
  # The HTTP server against other programs, and phones of MQTT. The distribution's Python has the libraries for them.
  find_program(PROCESS_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
  if(PROCESS_PYTHON)
    add_executable(http_test_server ${CMAKE_SOURCE_DIR}/tests/process/http_server.c)
    target_link_libraries(http_test_server PRIVATE mingdi_host)
    foreach(subject websocket nginx)
      add_test(NAME process/${subject}
               COMMAND ${PROCESS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/process/${subject}_test.py $<TARGET_FILE:http_test_server>)
      set_tests_properties(process/${subject} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
    endforeach()
    add_test(NAME process/mqtt COMMAND ${PROCESS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/process/mqtt_test.py)
    set_tests_properties(process/mqtt PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 1800 ENVIRONMENT "MINGDI=$<TARGET_FILE:mingdi>")
  endif()
endfunction()

# Everything that is made from schema/: C headers and readers into the build tree, never into the source tree.
function(mingdi_schema)
  file(GLOB schemas CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/schema/*.toml)
  set(outputs ${CMAKE_BINARY_DIR}/generated/core/schema_types.h ${CMAKE_BINARY_DIR}/generated/core/schema_tables.h)
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/schema/generate.py --schema ${CMAKE_SOURCE_DIR}/schema
            --c ${CMAKE_BINARY_DIR}/generated/core
    DEPENDS ${schemas} ${CMAKE_SOURCE_DIR}/schema/generate.py)
  set(indicators ${CMAKE_BINARY_DIR}/generated/measure/indicator_types.h ${CMAKE_BINARY_DIR}/generated/measure/indicator_tables.h)
  set(make_indicators ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/schema/generate_indicators.py --schema ${CMAKE_SOURCE_DIR}/schema)
  add_custom_command(
    OUTPUT ${indicators}
    COMMAND ${make_indicators} --c ${CMAKE_BINARY_DIR}/generated/measure
    DEPENDS ${CMAKE_SOURCE_DIR}/schema/indicators.toml ${CMAKE_SOURCE_DIR}/schema/generate_indicators.py)
  add_test(NAME source/indicators COMMAND ${make_indicators} --check-docs ${CMAKE_SOURCE_DIR}/docs/indicators.md)
  add_test(NAME source/reference COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/schema/generate.py --schema
           ${CMAKE_SOURCE_DIR}/schema --check-docs ${CMAKE_SOURCE_DIR}/docs/reference.md)
  set(rights ${CMAKE_BINARY_DIR}/generated/host/rights_tables.h)
  set(make_rights ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/schema/generate_rights.py --schema ${CMAKE_SOURCE_DIR}/schema)
  add_custom_command(
    OUTPUT ${rights}
    COMMAND ${make_rights} --c ${CMAKE_BINARY_DIR}/generated/host
    DEPENDS ${schemas} ${CMAKE_SOURCE_DIR}/schema/generate_rights.py)
  add_test(NAME source/rights COMMAND ${make_rights} --check-docs ${CMAKE_SOURCE_DIR}/docs/rights.md)
  set_tests_properties(source/indicators source/reference source/rights PROPERTIES LABELS source)
  set(words ${CMAKE_BINARY_DIR}/generated/host/paper_words.h)
  file(GLOB texts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/i18n/*/schema.json)
  add_custom_command(
    OUTPUT ${words}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/schema/generate_words.py --texts ${CMAKE_SOURCE_DIR}/web/src/i18n
            --c ${CMAKE_BINARY_DIR}/generated/host
    DEPENDS ${texts} ${CMAKE_SOURCE_DIR}/schema/generate_words.py)
  # The API's document, its tables and the pages that it serves, as bytes.
  file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/host/pages/*)
  set(api ${CMAKE_BINARY_DIR}/generated/host/api_routes.h ${CMAKE_BINARY_DIR}/generated/host/api_problems.h
      ${CMAKE_BINARY_DIR}/generated/host/api_refusals.h ${CMAKE_BINARY_DIR}/generated/host/api_files.h)
  add_custom_command(
    OUTPUT ${api} ${CMAKE_BINARY_DIR}/generated/openapi.json
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/schema/generate_openapi.py --schema ${CMAKE_SOURCE_DIR}/schema
            --json ${CMAKE_BINARY_DIR}/generated/openapi.json --pages ${CMAKE_SOURCE_DIR}/src/host/pages
            --c ${CMAKE_BINARY_DIR}/generated/host
    DEPENDS ${schemas} ${pages} ${CMAKE_SOURCE_DIR}/schema/generate_openapi.py ${CMAKE_SOURCE_DIR}/schema/generate.py)
  add_test(NAME source/openapi COMMAND ${CMAKE_SOURCE_DIR}/tests/openapi/run ${CMAKE_BINARY_DIR}/generated/openapi.json
           ${CMAKE_BINARY_DIR}/openapi-check)
  set_tests_properties(source/openapi PROPERTIES LABELS source SKIP_RETURN_CODE 77)
  # How Han characters are read, from Debian's package unicode-data.
  set(MINGDI_READINGS /usr/share/unicode/Unihan_Readings.txt.bz2 CACHE FILEPATH "readings of the Unicode Character Database")
  if(NOT EXISTS ${MINGDI_READINGS})
    message(FATAL_ERROR "${MINGDI_READINGS} is missing: install the package unicode-data, or say -DMINGDI_READINGS=FILE")
  endif()
  set(pinyin ${CMAKE_BINARY_DIR}/generated/place/pinyin_table.h)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/place)
  add_custom_command(OUTPUT ${pinyin}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/make_pinyin ${MINGDI_READINGS} ${pinyin}
    DEPENDS ${MINGDI_READINGS} ${CMAKE_SOURCE_DIR}/tools/make_pinyin)
  add_custom_target(mingdi_generated DEPENDS ${outputs} ${indicators} ${rights} ${words} ${api} ${pinyin})
endfunction()

function(mingdi_binary)
  add_executable(mingdi ${CMAKE_SOURCE_DIR}/src/cli/main.c)
  target_link_libraries(mingdi PRIVATE mingdi_cli)
  target_compile_definitions(mingdi_cli PUBLIC MINGDI_VERSION="${PROJECT_VERSION}")
  execute_process(COMMAND git -C ${CMAKE_SOURCE_DIR} rev-parse --short=12 HEAD
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE no_commit)
  if(NOT no_commit)
    set_source_files_properties(${CMAKE_SOURCE_DIR}/src/cli/version.c PROPERTIES COMPILE_DEFINITIONS MINGDI_COMMIT="${commit}")
  endif()
  # The man page and the completion come out of the binary, so that they cannot disagree with it.
  set(manual ${CMAKE_BINARY_DIR}/generated/mingdi.1)
  set(settings ${CMAKE_BINARY_DIR}/generated/mingdi.yaml.5)
  set(completion ${CMAKE_BINARY_DIR}/generated/mingdi.bash)
  add_custom_command(OUTPUT ${manual} ${settings} ${completion}
                     COMMAND mingdi help --man > ${manual} COMMAND mingdi config docs --man > ${settings}
                     COMMAND mingdi completion bash > ${completion}
                     DEPENDS mingdi VERBATIM)
  add_custom_target(mingdi_manual ALL DEPENDS ${manual} ${settings} ${completion})
  include(GNUInstallDirs)
  install(TARGETS mingdi RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  # The triage protocols: beside the program where it was built, as the host looks for them.
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/protocols ${CMAKE_BINARY_DIR}/protocols SYMBOLIC)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/protocols DESTINATION ${CMAKE_INSTALL_DATADIR}/mingdi
          FILES_MATCHING PATTERN "*.yaml" PATTERN "package.*")
  # The console, where it was built: ./run build puts it beside the program, by a link.
  install(CODE "if(EXISTS \"${CMAKE_BINARY_DIR}/console/index.html\")
    file(REAL_PATH \"${CMAKE_BINARY_DIR}/console\" console)
    file(INSTALL \"\${console}/\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/mingdi/console\")
  endif()")
  install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${settings} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
  install(FILES ${completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME mingdi)
  mingdi_service_files()
endfunction()

# What a package for Debian brings beside the program, at the places that the distribution has for it: tools/package.
function(mingdi_service_files)
  file(GLOB units CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/deploy/systemd/*)
  file(GLOB documents CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/*.md)
  set(service COMPONENT service EXCLUDE_FROM_ALL)
  install(FILES ${units} DESTINATION /lib/systemd/system ${service})
  install(FILES ${CMAKE_SOURCE_DIR}/deploy/mingdi/services.env DESTINATION /etc/mingdi ${service})
  install(FILES ${CMAKE_SOURCE_DIR}/deploy/nginx/mingdi.conf DESTINATION /etc/nginx/sites-available RENAME mingdi ${service})
  install(FILES ${documents} DESTINATION ${CMAKE_INSTALL_DOCDIR} ${service})
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/deploy/mosquitto DESTINATION ${CMAKE_INSTALL_DATADIR}/mingdi ${service})
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/deploy/postgresql DESTINATION ${CMAKE_INSTALL_DATADIR}/mingdi
          USE_SOURCE_PERMISSIONS ${service})
  install(FILES ${CMAKE_SOURCE_DIR}/deploy/patroni/patroni.yml DESTINATION ${CMAKE_INSTALL_DATADIR}/mingdi/patroni ${service})
  # A town of a few streets, to try an installation with.
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/tests/cli/town DESTINATION ${CMAKE_INSTALL_DATADIR}/mingdi/examples ${service})
endfunction()

# The torture (docs/torture.md): some seeds in every run of the tests, many with MINGDI_LONG=1; and for each planted bug a program
# of which only the files that hold the bug are compiled again, in which it must be found.
function(mingdi_torture_tests)
  add_test(NAME torture/seeds COMMAND ${CMAKE_SOURCE_DIR}/tests/torture/seeds $<TARGET_FILE:mingdi>)
  set_tests_properties(torture/seeds PROPERTIES TIMEOUT 3600)
  # The Nth call of a command fails, for each N. Sanitizers bring an allocator of their own.
  set(without $<$<OR:$<BOOL:${MINGDI_SANITIZE}>,$<BOOL:${MINGDI_THREAD_SANITIZE}>>:1>)
  add_test(NAME faults/loops COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/faults/loops.py)
  set(faults faults/loops)
  if(PROCESS_PYTHON) # which has the library of phones
    add_test(NAME faults/mqtt COMMAND ${PROCESS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/faults/loops.py gateway_mqtt)
    list(APPEND faults faults/mqtt)
  endif()
  set_tests_properties(${faults} PROPERTIES TIMEOUT 7200 SKIP_RETURN_CODE 77
                       ENVIRONMENT "MINGDI=$<TARGET_FILE:mingdi>;FAULTS_WITHOUT_ALLOC=${without}")
  if(MINGDI_PLANTED_BUG)
    return()
  endif()
  mingdi_planted(ANSWER_BEFORE_DURABLE host/centre_core.c)
  mingdi_planted(EFFECT_BEFORE_DURABLE host/centre_core.c core/engine.c)
  mingdi_planted(KEYS_FORGOTTEN core/engine.c)
  mingdi_planted(REFUSAL_LEAVES_TRACE core/engine.c)
  mingdi_planted(BED_RELEASED_TWICE core/mission.c)
  mingdi_planted(TIMER_LEFT host/centre_core.c)
  mingdi_planted(NO_SYNC store/sqlite_file.c)
  mingdi_planted(MIRROR_MISSES host/centre_recover.c)
endfunction()

function(mingdi_planted bug)
  string(TOLOWER ${bug} name)
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/src/ OUTPUT_VARIABLE sources)
  add_executable(planted_${name} ${CMAKE_SOURCE_DIR}/tests/torture/planted.c ${sources})
  target_compile_definitions(planted_${name} PRIVATE MINGDI_PLANTED_BUG=${bug})
  target_link_libraries(planted_${name} PRIVATE mingdi_torture)
  add_test(NAME torture/finds_${name} COMMAND planted_${name} 8 0.5)
  set_tests_properties(torture/finds_${name} PROPERTIES TIMEOUT 600)
endfunction()
