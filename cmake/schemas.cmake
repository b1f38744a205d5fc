# flatc on schemas/*.fbs: C++ headers with the object API, and the binary schema that the JSON renderer reads.
# The generated files live in the build folder only.
set(DAYBOOK_GENERATED ${CMAKE_BINARY_DIR}/generated)

function(daybook_schemas target)
  find_program(FLATC flatc REQUIRED)
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/schemas/*.fbs
       ${CMAKE_SOURCE_DIR}/schemas/events/*.fbs)
  list(TRANSFORM sources PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE absolute)
  set(outputs)
  foreach(source ${sources})
    get_filename_component(name ${source} NAME_WE)
    get_filename_component(folder ${source} DIRECTORY)
    set(header ${DAYBOOK_GENERATED}/${folder}/${name}_generated.h)
    add_custom_command(
      OUTPUT ${header}
      COMMAND ${FLATC} --cpp --cpp-std c++17 --gen-object-api --gen-compare --scoped-enums --keep-prefix --no-warnings
              -I ${CMAKE_SOURCE_DIR} -o ${DAYBOOK_GENERATED}/${folder} ${CMAKE_SOURCE_DIR}/${source}
      DEPENDS ${absolute}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      COMMENT "flatc ${source}"
      VERBATIM)
    list(APPEND outputs ${header})
  endforeach()
  set(binary ${DAYBOOK_GENERATED}/schemas/envelope.bfbs)
  add_custom_command(
    OUTPUT ${binary}
    COMMAND ${FLATC} -b --schema --bfbs-comments --bfbs-builtins -I ${CMAKE_SOURCE_DIR}
            -o ${DAYBOOK_GENERATED}/schemas ${CMAKE_SOURCE_DIR}/schemas/envelope.fbs
    DEPENDS ${absolute}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    COMMENT "flatc binary schema"
    VERBATIM)
  add_custom_target(${target}_generate DEPENDS ${outputs} ${binary})
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_generate)
  # SYSTEM: generated code is not held to our warnings.
  target_include_directories(${target} SYSTEM INTERFACE ${DAYBOOK_GENERATED})
  target_link_libraries(${target} INTERFACE flatbuffers::flatbuffers)
endfunction()
