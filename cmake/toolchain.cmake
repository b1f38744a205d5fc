# Compiler cache, linker, sanitizers and the warnings that every folder is built with.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(DAYBOOK_SANITIZE)
  add_compile_options(-fsanitize=${DAYBOOK_SANITIZE} -fno-omit-frame-pointer)
  if(DAYBOOK_SANITIZE MATCHES undefined)
    # Checks of each access to memory: they double the compilation, and AddressSanitizer sees what goes wrong by them.
    add_compile_options(-fno-sanitize=alignment,null,object-size,pointer-overflow,vptr)
  endif()
  add_link_options(-fsanitize=${DAYBOOK_SANITIZE})
endif()

add_library(daybook_warnings INTERFACE)
target_compile_options(daybook_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_UNITY_BUILD)
  # A dozen files are compiled as one, most of a file's time is its headers'. So names in a folder's anonymous namespaces
  # are unique; a file still includes all that it uses, which the preset fuzz, without it, compiles. What this warning
  # is about, a class over a type of an anonymous namespace, is wrong in a header only.
  target_compile_options(daybook_warnings INTERFACE -Wno-subobject-linkage)
endif()
