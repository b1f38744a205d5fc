# daybook_folder(<name> <dependency>...): the folder as one static library of its *.cpp files.
# The dependency list is the rule of design: what is not named there cannot be included.
function(daybook_folder name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(daybook_${name} STATIC ${sources})
  target_include_directories(daybook_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(daybook_${name} PUBLIC ${ARGN} PRIVATE daybook_warnings)
endfunction()
